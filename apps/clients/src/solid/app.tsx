/** @jsxImportSource solid-js */
import { type BffClient, claimValues } from '@bff/client'
import { BffProvider, useBffClient, useSession } from '@bff/client/solid'
import { Match, Switch } from 'solid-js'

function Account() {
  const session = useSession()
  const { signIn, signOut } = useBffClient()
  const reason = () => {
    const state = session()
    return state.status === 'signed-out' ? state.reason : null
  }
  return (
    <Switch fallback={<p>{session().error ?? 'One moment'}</p>}>
      <Match when={session().status === 'signed-out'}>
        <button type="button" onClick={() => signIn()}>
          Sign in {reason()}
        </button>
      </Match>
      <Match when={session().status === 'signed-in'}>
        <section>
          <h1>Hello, {String(claimValues(session(), 'name')[0])}</h1>
          <button type="button" onClick={() => signOut({ returnTo: '/solid?bye' })}>
            Sign out
          </button>
        </section>
      </Match>
    </Switch>
  )
}

const Status = () => <output>{useSession()().status}</output>

export const App = (props: { client: BffClient }) => (
  <BffProvider client={props.client}>
    <Account />
    <Status />
  </BffProvider>
)
