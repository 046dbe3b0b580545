import ProductList from '../product-list.jsx'
import { products } from '../products.js'

export default ProductList

export function getStaticProps() {
  return { props: { products: products(16) }, revalidate: 1 }
}
