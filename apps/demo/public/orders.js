import { call, callJson } from './bff.js'
import { byId, dayOf, element, priceOf, sizeOf } from './dom.js'
import { log, toast } from './notices.js'

const table = byId('orders')
const body = table.querySelector('tbody')

export async function loadOrders() {
  const orders = await callJson('/api/orders')
  const known = new Set([...body.rows].map((row) => row.dataset.id))
  body.replaceChildren(...orders.map((order) => rowOf(order, known.size > 0 && !known.has(order.id))))
  table.dataset.loads = String(Number(table.dataset.loads ?? 0) + 1)
  problem(null)
  return orders.length
}

export const hasProblem = () => !byId('orders-problem').hidden

export function problem(text) {
  byId('orders-problem').hidden = text === null
  byId('orders-problem').textContent = text ?? ''
}

export function forgetOrders() {
  body.replaceChildren()
  delete table.dataset.loads
  problem(null)
}

function rowOf(order, isNew) {
  const cell = (label, ...children) => {
    const node = element('td', {}, ...children)
    node.dataset.label = label
    return node
  }
  const quantity =
    order.quantity > 1 ? [element('span', { className: 'times', textContent: ` × ${order.quantity}` })] : []
  const total = cell('Total', priceOf(order.total, order.currency))
  total.className = 'number'
  const row = element(
    'tr',
    { className: isNew ? 'new' : '' },
    element('th', { scope: 'row', className: 'mono', textContent: order.id }),
    cell('Item', order.item, ...quantity),
    total,
    cell('Status', element('span', { className: `chip ${order.status}`, textContent: order.status })),
    cell('Placed', dayOf(order.placedAt)),
  )
  row.dataset.id = order.id
  return row
}

/** A POST through the BFF: the CSRF header is all the protection the page has to add. */
export async function placeOrder(form) {
  const fields = new FormData(form)
  const json = { item: String(fields.get('item')).trim(), quantity: Number(fields.get('quantity')) }
  const order = await callJson('/api/orders', { method: 'POST', json })
  form.reset()
  toast(`Order ${order.id} placed: ${order.item}`, 'good')
  log(`Placed order ${order.id}`, 'good')
}

/** A download by fetch, since a plain link could not carry the CSRF header; read as it streams in. */
export async function downloadOrders(button) {
  const label = button.textContent
  button.disabled = true
  try {
    const response = await call('/api/orders/export')
    const chunks = []
    let size = 0
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.byteLength
      button.textContent = sizeOf(size)
    }
    save(new Blob(chunks, { type: 'text/csv' }), 'orders.csv')
    log(`Downloaded orders.csv, ${sizeOf(size)}, streamed through the BFF`, 'good')
  } finally {
    button.textContent = label
    button.disabled = false
  }
}

function save(blob, name) {
  const url = URL.createObjectURL(blob)
  element('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
