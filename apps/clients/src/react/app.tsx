import { type BffClient, claimValues } from '@bff/client'
import { BffProvider, useBffClient, useSession } from '@bff/client/react'

function Account() {
  const session = useSession()
  const { signIn, signOut } = useBffClient()
  if (session.status === 'unknown') return <p>{session.error ?? 'One moment'}</p>
  if (session.status === 'signed-out')
    return (
      <button type="button" onClick={() => signIn()}>
        Sign in {session.reason}
      </button>
    )
  return (
    <section>
      <h1>Hello, {String(claimValues(session, 'name')[0])}</h1>
      <button type="button" onClick={() => signOut({ returnTo: '/react?bye' })}>
        Sign out
      </button>
    </section>
  )
}

const Status = () => <output>{useSession().status}</output>

export const App = ({ client }: { client: BffClient }) => (
  <BffProvider client={client}>
    <Account />
    <Status />
  </BffProvider>
)
