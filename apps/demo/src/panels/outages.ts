import type { Clock } from '@bff/core'

/** What each switch takes down. `true` takes it down, `false` brings it back. */
export interface Outages {
  readonly api: (isDown: boolean) => void
  readonly provider: (isDown: boolean) => void
  readonly store: (isDown: boolean) => void
}

export interface OutageSwitch {
  readonly isDown: boolean
  /** Takes the part down. Pressed during an outage, it does not prolong it. */
  press(): void
  /** Brings the part back now. */
  end(): void
}

/** A switch whose part comes back by itself after `outageMs`. */
export function outageSwitch(turn: (isDown: boolean) => void, outageMs: number, clock: Clock): OutageSwitch {
  let outage: AbortController | null = null

  const end = () => {
    if (outage === null) return
    outage.abort()
    outage = null
    turn(false)
  }

  return {
    get isDown() {
      return outage !== null
    },
    press: () => {
      if (outage !== null) return
      outage = new AbortController()
      turn(true)
      clock.sleep(outageMs, outage.signal, true).then(end, () => {})
    },
    end,
  }
}
