import { byId, element, timeOf } from './dom.js'

const MAX_ENTRIES = 40
const MAX_TOASTS = 3
const TOAST_MS = 6_000

/** Adds a line to "What happened", or moves its time when it says the same again. `kind` is info, good or bad. */
export function log(text, kind = 'info') {
  const list = byId('log')
  if (list.firstElementChild?.lastElementChild.textContent === text) list.firstElementChild.remove()
  const now = Date.now()
  const time = element('time', { dateTime: new Date(now).toISOString(), textContent: timeOf(now) })
  list.prepend(element('li', { className: kind }, time, element('span', { textContent: text })))
  while (list.children.length > MAX_ENTRIES) list.lastElementChild.remove()
}

/** A message in the corner; what went wrong stays until it is closed. */
export function toast(text, kind = 'info') {
  const toasts = byId('toasts')
  for (const other of toasts.children) if (other.dataset.text === text) other.remove()
  const close = element('button', {
    type: 'button',
    className: 'close',
    textContent: '×',
    ariaLabel: 'Dismiss',
  })
  const note = element('div', { className: `toast ${kind}` }, element('p', { textContent: text }), close)
  note.dataset.text = text
  close.addEventListener('click', () => note.remove())
  if (kind !== 'bad') setTimeout(() => note.remove(), TOAST_MS)
  toasts.append(note)
  while (toasts.children.length > MAX_TOASTS) toasts.firstElementChild.remove()
}

export const clearToasts = () => byId('toasts').replaceChildren()

/** The one message above everything else; `null` takes it away. */
export function banner(text, kind = 'bad') {
  const node = byId('banner')
  node.hidden = text === null
  node.className = `banner ${kind}`
  node.querySelector('p').textContent = text ?? ''
}

byId('banner')
  .querySelector('button')
  .addEventListener('click', () => banner(null))
