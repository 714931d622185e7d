import type { Session, SessionSummary } from '@bff/core'
import { endOthers, endSession } from '../actions.ts'
import { bff } from '../lib/bff.ts'
import { deviceOf } from '../lib/device.ts'
import { ownSessions } from '../lib/own-sessions.ts'
import { Time } from './time.tsx'

const MAX_SHOWN = 100

/** The user's sessions, read from the store by the server; server actions end them. */
export async function Sessions({ session }: { session: Session }) {
  const shown: SessionSummary[] = []
  for await (const own of ownSessions(await bff(), session)) {
    shown.push(own)
    if (shown.length === MAX_SHOWN) break
  }
  return (
    <section className="card sessions" aria-labelledby="sessions-title">
      <div className="card-head">
        <h2 id="sessions-title">Your sessions</h2>
        {shown.length > 1 && (
          <form action={endOthers}>
            <button type="submit" className="quiet">
              Sign out everywhere else
            </button>
          </form>
        )}
      </div>
      <ol id="sessions">
        {shown.map((own) => (
          <li key={own.handle}>
            <div>
              <p className="device" title={own.userAgent ?? ''}>
                {deviceOf(own.userAgent)}
              </p>
              <p className="soft">
                Signed in <Time ms={own.createdAt} as="moment" />, last used{' '}
                <Time ms={own.lastAccessedAt} as="moment" />
              </p>
            </div>
            {own.handle === session.handle ? (
              <span className="chip delivered">This browser</span>
            ) : (
              <form action={endSession.bind(null, own.handle)}>
                <button type="submit" className="quiet" aria-label={`Sign out ${deviceOf(own.userAgent)}`}>
                  Sign out
                </button>
              </form>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
