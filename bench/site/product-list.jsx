/** A list as people write one: a component for each thing that has a name. */
export default function ProductList({ products }) {
  return (
    <section>
      <h1>Products</h1>
      <ul className="products">
        {products.map((product) => (
          <ProductCard key={product.id} {...product} />
        ))}
      </ul>
    </section>
  )
}

function ProductCard({ id, name, text, price }) {
  return (
    <li className="product">
      <CardTitle>{name}</CardTitle>
      <p>{text}</p>
      <Price amount={price} />
      <AddToCart id={id} />
    </li>
  )
}

function CardTitle({ children }) {
  return <h2 className="card-title">{children}</h2>
}

function Price({ amount }) {
  return (
    <p className="price">
      <strong>{amount}</strong> <small>incl. tax</small>
    </p>
  )
}

function AddToCart({ id }) {
  return (
    <button type="button" data-id={id}>
      Add to cart
    </button>
  )
}
