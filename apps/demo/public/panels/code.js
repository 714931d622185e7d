import { element } from '../dom.js'
import { FEATURES } from './features.js'

/**
 * The code of a feature, and the way to its document. `edition` is the name of the demo; the links lead to
 * `documentsOrigin`, and are left out when that is null.
 */
export function createCode(feature, edition) {
  const { document, code } = FEATURES[feature]
  const links = element('p', { className: 'soft' })
  const shown = code[edition].flatMap(({ file, lines }) => [
    element('p', { className: 'mono', textContent: file }),
    codeOf(lines),
  ])
  const node = element(
    'details',
    { className: 'code' },
    element('summary', { textContent: 'The code' }),
    ...shown,
    links,
  )
  return {
    node,
    show(documentsOrigin) {
      if (documentsOrigin === null) return links.replaceChildren()
      const href = `${documentsOrigin}/${document.file}`
      if (links.querySelector('a')?.href === href) return
      const link = element('a', { href, target: '_blank', rel: 'noopener', textContent: document.title })
      links.replaceChildren('Read more: ', link)
    },
  }
}

function codeOf(lines) {
  const node = element('pre', { tabIndex: 0 }, element('code', { textContent: lines }))
  node.setAttribute('role', 'group')
  node.setAttribute('aria-label', 'Code')
  return node
}
