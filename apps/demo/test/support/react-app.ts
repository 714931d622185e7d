import { type BffClient, BffProvider, useBffClient, useSession } from '@bff/client/react'
import { createElement, type ReactElement, StrictMode } from 'react'

function Account(): ReactElement {
  const session = useSession()
  const { signIn, signOut, keepAlive } = useBffClient()
  if (session.status === 'unknown') return createElement('p', {}, session.error ?? 'One moment')
  if (session.status === 'signed-out') {
    const { reason } = session
    return createElement('button', { type: 'button', onClick: () => signIn() }, `Sign in ${reason ?? ''}`)
  }
  const name = session.claims.find(({ type }) => type === 'name')?.value
  return createElement(
    'section',
    {},
    createElement('h1', {}, `Hello, ${name}`),
    session.expiring && createElement('button', { type: 'button', onClick: () => void keepAlive() }, 'Stay'),
    createElement(
      'button',
      { type: 'button', onClick: () => void signOut({ returnTo: '/react?bye' }) },
      'Sign out',
    ),
  )
}

/** The page of the React test, the same on the server and in the browser; twice, for a session is one. */
export const reactApp = (client: BffClient): ReactElement =>
  createElement(
    StrictMode,
    {},
    createElement(BffProvider, { client }, createElement(Account), createElement(Other)),
  )

const Other = (): ReactElement => createElement('output', {}, useSession().status)
