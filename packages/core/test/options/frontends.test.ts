import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import { type FrontendPlace, type FrontendsOptions, frontends } from '../../src/frontends/index.ts'
import { several, view } from '../frontends/world.ts'

const SHOP = 'https://shop.example.com'

/** How long a removal waits, in milliseconds, while a session is being read that nobody answers. */
async function waitOfRemoval(options: Partial<FrontendsOptions>): Promise<number[]> {
  const waits: number[] = []
  const clock = { ...manualClock(), sleep: async (ms: number) => void waits.push(ms) }
  const { all, config, store } = several({ ...options, clock })
  const stuck = {
    ...store,
    sessions: { ...store.sessions, get: () => new Promise<null>(() => {}), close: async () => {} },
  }
  const bff = all.add('main', config(SHOP, { store: stuck as never }))
  const cookie = `${bff.options.cookieName}=${'a'.repeat(43)}`
  all.getSession(view('shop.example.com', '/', { cookie })).catch(() => {})
  await all.remove('main')
  return waits
}

testOptions<FrontendsOptions>('FrontendsOptions', {
  trustedProxies: {
    set: ['192.0.2.0/24'],
    see: (options) => {
      const { all, config } = several(options)
      all.add('main', config(SHOP))
      return all.bffFor(view('internal', '/', { 'x-forwarded-host': 'shop.example.com' })) !== null
    },
    shows: [false, true],
  },
  drainMs: { set: 1_000, see: waitOfRemoval, shows: [[10_000], [1_000]] },
  onEvent: {
    set: () => {},
    see: ({ onEvent }) => {
      const seen: string[] = []
      const all = frontends(onEvent && { onEvent: ({ type }) => seen.push(type) })
      const { warn } = console
      const lines: unknown[] = []
      console.warn = (line: unknown) => lines.push(line)
      all.errorReply(new Error('A fault of the app.'))
      console.warn = warn
      return [lines.length, seen]
    },
    shows: [
      [1, []],
      [0, ['request.failed']],
    ],
  },
  clock: {
    set: manualClock(),
    see: async ({ clock }) => {
      const times: number[] = []
      const all = frontends({ onEvent: ({ at }) => times.push(at), ...(clock && { clock }) })
      all.errorReply(new Error('A fault of the app.'))
      return times[0] === clock?.now()
    },
    shows: [false, true],
  },
})

testOptions<FrontendPlace>('FrontendPlace', {
  path: {
    set: '/shop',
    see: ({ path }) => {
      const { all, config } = several()
      all.add('shop', config(SHOP, { basePath: '/shop' }), path === undefined ? {} : { path })
      return all.bffFor(view('shop.example.com', '/about')) !== null
    },
    shows: [true, false],
  },
})
