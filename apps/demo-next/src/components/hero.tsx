import { Icon } from './icons.tsx'

const STATIONS = [
  { icon: 'page', name: 'This page', about: 'Holds a session cookie its own scripts cannot see.' },
  { link: 'cookie' },
  {
    icon: 'guard',
    name: 'Next.js with the BFF',
    about: 'Keeps the tokens, sealed, and refreshes them in time.',
  },
  { link: 'token + proof' },
  { icon: 'server', name: 'Orders API', about: 'Checks token, audience and key with every call.' },
] as const

/** What people see who are not signed in. */
export function Hero() {
  return (
    <section className="hero" aria-labelledby="hero-title">
      <p className="eyebrow">Next.js · OpenID Connect · DPoP · rotating refresh tokens</p>
      <h1 id="hero-title">
        Signed in.
        <br />
        <em>No token in the browser.</em>
      </h1>
      <p className="lead">
        Server components read the session, a server action and the page itself call a protected API: the
        browser only ever holds a cookie it cannot read.
      </p>
      <p className="actions">
        {/* A plain link: signing in is a navigation, and nothing to prefetch. */}
        <a className="button" href="/bff/login?returnTo=/">
          Sign in
        </a>
        <span className="soft">
          Users: <code>alice</code>, <code>bob</code>. Any password.
        </span>
      </p>
      <ol className="route" aria-label="The way of a call">
        {STATIONS.map((station) =>
          'link' in station ? (
            <li key={station.link} className="link" aria-hidden="true">
              <span>{station.link}</span>
            </li>
          ) : (
            <li key={station.name} className={station.icon === 'guard' ? 'main' : ''}>
              <Icon name={station.icon} />
              <h2>{station.name}</h2>
              <p>{station.about}</p>
            </li>
          ),
        )}
      </ol>
    </section>
  )
}
