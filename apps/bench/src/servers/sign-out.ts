import type { Bff } from '@bff/core'

/** How many sign-ins of a user go to the store at once. */
const BATCH = 50

let users = 0

/** Gives one user so many sessions, and ends them all. */
export async function signOutEverywhere(bff: Bff, sessions: number): Promise<{ readonly ms: number }> {
  const userId = `traveller-${process.pid}-${users++}`
  const tokens = { accessToken: 'a'.repeat(900), refreshToken: 'r'.repeat(200), expiresIn: 86_400 }
  for (let made = 0; made < sessions; made += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, sessions - made) }, () =>
      bff.sessions.create({ userId, issuer: 'https://id.example.com', tokens }),
    )
    await Promise.all(batch)
  }
  const begun = performance.now()
  const ended = await bff.sessions.revokeAll({ userId })
  const ms = performance.now() - begun
  const left = await bff.sessions.countActive({ userId })
  if (ended.length !== sessions || left !== 0)
    throw new Error(`${ended.length} of ${sessions} sessions ended, ${left} are active.`)
  return { ms }
}
