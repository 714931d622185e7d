export const byId = (id) => document.getElementById(id)

/** An element with text or child nodes; text is never read as HTML. */
export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties)
  node.append(...children)
  return node
}

/** Puts text into every place that asks for it with `data-fill`. */
export function fill(name, text) {
  for (const node of document.querySelectorAll(`[data-fill="${name}"]`)) node.textContent = text
}

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const moment = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

export const timeOf = (ms) => clock.format(ms)
export const momentOf = (ms) => moment.format(ms)
export const dayOf = (iso) => day.format(new Date(iso))
export const sizeOf = (bytes) =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
export const priceOf = (cents, currency) =>
  new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(cents / 100)
