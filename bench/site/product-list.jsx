export default function ProductList({ products }) {
  return (
    <ul className="products">
      {products.map(({ id, name, text, price }) => (
        <li key={id} className="product">
          <h2>{name}</h2>
          <p>{text}</p>
          <p className="price">
            <strong>{price}</strong> <small>incl. tax</small>
          </p>
          <button type="button" data-id={id}>
            Add to cart
          </button>
        </li>
      ))}
    </ul>
  )
}
