import { createBffClient } from '/bff-client.js'
import { callsOf } from './call.js'

/** Who is signed in, as this page and its other tabs know it. It sends the CSRF header, too. */
export const bff = createBffClient({ pollMs: 15_000 })

export const { call, callJson } = callsOf((path, init) => bff.fetch(path, init))
