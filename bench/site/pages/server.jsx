import ProductList from '../product-list.jsx'
import { products } from '../products.js'

export default ProductList

export function getServerSideProps() {
  return { props: { products: products(24) } }
}
