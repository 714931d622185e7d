import { type BffClient, createBffClient, type SessionState } from '@bff/client'

/**
 * Shows the page in an empty element, or over what a server has rendered there. Returns the function that removes the page
 * again.
 */
export type Mount = (client: BffClient, root: Element, isRendered: boolean) => () => void

/** Starts the page of any framework, with the state in the document when a server has rendered it. */
export function startPage(mount: Mount): void {
  const root = document.querySelector('#root')
  if (root === null) throw new Error('The document has no #root.')
  const text = document.querySelector('#initial-session')?.textContent ?? null
  const initialSession: SessionState | null = text === null ? null : JSON.parse(text)
  const client = createBffClient(initialSession === null ? {} : { initialSession })
  const unmount = mount(client, root, root.childElementCount > 0)
  document.querySelector('#unmount')?.addEventListener('click', () => unmount())
}
