import { randomBytes } from 'node:crypto'

const LIFETIME_MS = 60_000

/** Nonces for proofs (RFC 9449 9): one at a time, changed each minute, the one before still good. */
export interface DpopNonces {
  current(now: number): string
  accepts(nonce: string, now: number): boolean
}

export function createDpopNonces(): DpopNonces {
  let newest = randomBytes(16).toString('base64url')
  let previous = newest
  let changeAt = 0

  const rotate = (now: number): void => {
    if (now < changeAt) return
    // After a long pause both are too old.
    previous = now < changeAt + LIFETIME_MS ? newest : ''
    newest = randomBytes(16).toString('base64url')
    changeAt = now + LIFETIME_MS
  }

  return {
    current: (now) => {
      rotate(now)
      return newest
    },
    accepts: (nonce, now) => {
      rotate(now)
      return nonce !== '' && (nonce === newest || nonce === previous)
    },
  }
}
