import type { Order } from '../lib/orders.ts'
import { Time } from './time.tsx'

const priceOf = ({ total, currency }: Order) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(total / 100)

export function OrderTable({ orders }: { orders: readonly Order[] }) {
  return (
    <div className="table-frame">
      <table id="orders">
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Item</th>
            <th scope="col" className="number">
              Total
            </th>
            <th scope="col">Status</th>
            <th scope="col">Placed</th>
          </tr>
        </thead>
        <tbody>
          {orders.map((order) => (
            <tr key={order.id} data-id={order.id}>
              <th scope="row" className="mono">
                {order.id}
              </th>
              <td data-label="Item">
                {order.item}
                {order.quantity > 1 && <span className="times"> × {order.quantity}</span>}
              </td>
              <td data-label="Total" className="number">
                {priceOf(order)}
              </td>
              <td data-label="Status">
                <span className={`chip ${order.status}`}>{order.status}</span>
              </td>
              <td data-label="Placed">
                <Time ms={Date.parse(order.placedAt)} as="day" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
