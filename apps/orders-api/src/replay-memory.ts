/** Which proofs were seen, each until it would be too old anyway (RFC 9449 11.1). */
export interface ReplayMemory {
  /** `'full'`: there is no room to remember it, so it must not be accepted. Times are milliseconds. */
  add(id: string, expiresAt: number, now: number): 'new' | 'seen' | 'full'
}

export function createReplayMemory(limit: number): ReplayMemory {
  const expiries = new Map<string, number>()

  const dropExpired = (now: number): void => {
    for (const [id, expiresAt] of expiries) {
      if (expiresAt <= now) expiries.delete(id)
    }
  }

  return {
    add: (id, expiresAt, now) => {
      if (expiries.has(id)) return 'seen'
      if (expiries.size >= limit) dropExpired(now)
      if (expiries.size >= limit) return 'full'
      expiries.set(id, expiresAt)
      return 'new'
    },
  }
}
