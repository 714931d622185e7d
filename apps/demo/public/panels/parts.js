import { element } from '../dom.js'

/** A card with its heading: what every panel is. */
export function card(name, title, ...children) {
  const heading = element('h2', { id: `${name}-title`, textContent: title })
  const node = element('section', { id: name, className: `card ${name}` }, ...children)
  node.setAttribute('aria-labelledby', heading.id)
  return { node, heading }
}

/** A button that cannot be pressed twice at once. What goes wrong, `report` hears. */
export function button(text, work, report) {
  const node = element('button', { type: 'button', className: 'quiet', textContent: text })
  node.addEventListener('click', async () => {
    node.disabled = true
    await work().catch(report)
    node.disabled = false
  })
  return node
}
