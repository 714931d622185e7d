import type { Session } from '@bff/core'
import { messageOfNews } from '@bff/demo/page/messages'
import { messageOfReplay } from '@bff/demo/page/panels'
import { Banner } from '../../components/banner.tsx'
import { BrowserHolds } from '../../components/browser-holds.tsx'
import { Feed } from '../../components/feed.tsx'
import { Hero } from '../../components/hero.tsx'
import { Orders } from '../../components/orders.tsx'
import { Panel, PanelsWatch } from '../../components/panels.tsx'
import { ServerHolds } from '../../components/server-holds.tsx'
import { SessionWatch } from '../../components/session-watch.tsx'
import { Sessions } from '../../components/sessions.tsx'
import { Who } from '../../components/who.tsx'
import { getSession } from '../../lib/bff.ts'
import { ordersOf } from '../../lib/orders.ts'
import { personOf } from '../../lib/person.ts'

type Query = Readonly<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const session = await getSession()
  const code = query['error'] ?? query['ended']
  const replay = typeof query['replay'] === 'string' ? REPLAY.exec(query['replay']) : null
  return (
    <>
      {typeof code === 'string' && <Banner text={messageOfNews(code)} kind="bad" />}
      {replay !== null && (
        <Banner text={sentenceOf(replay)} kind={Number(replay[3]) < 400 ? 'bad' : 'good'} />
      )}
      {'signed-out' in query && <Banner text="You are signed out, here and at the provider." kind="good" />}
      {session === null ? <Hero /> : <Desk session={session} />}
    </>
  )
}

/** What a copy of the cookie got before and after the sign-out, as the panel tells it. */
const REPLAY = /^(\d{3})-(\d{3})-(\d{3})-(\w{0,40})$/

function sentenceOf([, before, signOut, after, error = '']: RegExpExecArray): string {
  return messageOfReplay({
    before: { status: Number(before) },
    signOut: { status: Number(signOut) },
    after: { status: Number(after), error },
  })
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
          isBound={session.deviceKey !== null}
        />
      </section>
      <Panel name="trace" />
      <div className="column">
        <Orders rendered={orders} />
        <Sessions session={session} />
      </div>
      <div className="side">
        <Who person={person} />
        <Feed />
      </div>
      <Panel name="attacks" />
      <Panel name="outages" />
      <PanelsWatch />
    </div>
  )
}
