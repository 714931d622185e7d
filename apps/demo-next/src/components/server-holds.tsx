'use client'

import { useBffClient, useSession } from '@bff/client/react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Icon } from './icons.tsx'
import { Time } from './time.tsx'
import { TokenRing } from './token-ring.tsx'

/** Times are epoch milliseconds. */
export interface ServerHoldsProps {
  readonly handle: string
  readonly dpopThumbprint: string | null
  readonly hasRefreshToken: boolean
  readonly issuedAt: number | null
  readonly expiresAt: number | null
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly idleEndsAt: number
  readonly endsAt: number
  readonly isBound: boolean
}

/** What the server keeps: rendered from the session there, and told anew when its tokens were refreshed. */
export function ServerHolds(props: ServerHoldsProps) {
  const session = useSession()
  const told = session.status === 'signed-in' ? session.accessTokenExpiresAt : null
  return (
    <div className="holds server">
      <h3>
        <Icon name="guard" />
        The server holds
      </h3>
      <TokenRing
        issuedAt={props.issuedAt}
        expiresAt={told ?? props.expiresAt}
        name={<TokenName {...props} />}
      >
        <RefreshNow />
      </TokenRing>
      <dl>
        <Fact name="Refresh token">{props.hasRefreshToken ? 'yes, rotating' : 'none'}</Fact>
        <Fact name="DPoP key">
          <span className="mono" title={props.dpopThumbprint ?? ''}>
            {props.dpopThumbprint === null ? 'none' : `${props.dpopThumbprint.slice(0, 16)}…`}
          </span>
        </Fact>
        <Fact name="Sealed with">AES-256-GCM</Fact>
        <Fact name="Bound to this browser">{props.isBound ? 'yes, by a key of its own' : 'no'}</Fact>
        <Fact name="Session">
          <span className="mono">{props.handle}</span>
        </Fact>
        <Fact name="Signed in">
          <Time ms={props.createdAt} as="moment" />
        </Fact>
        <Fact name="Last use noted">
          <Time ms={props.lastUsedAt} as="time" />
        </Fact>
        <Fact name="Ends when idle">
          <Time ms={props.idleEndsAt} as="moment" />
        </Fact>
        <Fact name="Ends at the latest">
          <Time ms={props.endsAt} as="moment" />
        </Fact>
      </dl>
    </div>
  )
}

const TokenName = ({ dpopThumbprint }: ServerHoldsProps) => (
  <>
    Access token <span className="chip">{dpopThumbprint === null ? 'Bearer' : 'DPoP'}</span>
  </>
)

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function RefreshNow() {
  const { fetch, refetch } = useBffClient()
  const router = useRouter()
  const [isBusy, setBusy] = useState(false)

  async function refresh(): Promise<void> {
    setBusy(true)
    await fetch('/bff/refresh', { method: 'POST' }).catch(() => {})
    await refetch()
    router.refresh()
    setBusy(false)
  }

  return (
    <p>
      <button type="button" className="quiet" onClick={refresh} disabled={isBusy}>
        Refresh now
      </button>
    </p>
  )
}
