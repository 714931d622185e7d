import type { Session } from '@bff/core'
import { Banner } from '../../components/banner.tsx'
import { BrowserHolds } from '../../components/browser-holds.tsx'
import { Feed } from '../../components/feed.tsx'
import { Hero } from '../../components/hero.tsx'
import { Orders } from '../../components/orders.tsx'
import { ServerHolds } from '../../components/server-holds.tsx'
import { SessionWatch } from '../../components/session-watch.tsx'
import { Sessions } from '../../components/sessions.tsx'
import { Who } from '../../components/who.tsx'
import { getSession } from '../../lib/bff.ts'
import { messageOf } from '../../lib/messages.ts'
import { ordersOf } from '../../lib/orders.ts'
import { personOf } from '../../lib/person.ts'

type Query = Readonly<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const session = await getSession()
  const code = query['error'] ?? query['ended']
  return (
    <>
      {typeof code === 'string' && <Banner text={messageOf(code)} kind="bad" />}
      {'signed-out' in query && <Banner text="You are signed out, here and at the provider." kind="good" />}
      {session === null ? <Hero /> : <Desk session={session} />}
    </>
  )
}

async function Desk({ session }: { session: Session }) {
  const [person, orders] = await Promise.all([personOf(session), ordersOf(session)])
  return (
    <div className="desk">
      <SessionWatch />
      <header className="greeting">
        <h1>
          Hello, <span>{person.givenName}</span>
        </h1>
        <p className="lead">Rendered on the server, called from the page: no token came along.</p>
      </header>
      <section className="card vault" aria-labelledby="vault-title">
        <h2 id="vault-title" className="visually-hidden">
          Where the tokens are
        </h2>
        <BrowserHolds />
        <ServerHolds
          handle={session.handle}
          dpopThumbprint={session.dpopThumbprint}
          hasRefreshToken={session.hasRefreshToken}
          issuedAt={session.accessTokenIssuedAt}
          expiresAt={session.accessTokenExpiresAt}
          createdAt={session.createdAt}
          lastUsedAt={session.lastAccessedAt}
          idleEndsAt={session.expiresAt}
          endsAt={session.absoluteExpiresAt}
        />
      </section>
      <div className="column">
        <Orders rendered={orders} />
        <Sessions session={session} />
      </div>
      <div className="side">
        <Who person={person} />
        <Feed />
      </div>
    </div>
  )
}
