import { manualClock } from '@bff/test-support/clock'
import { testOptions } from '@bff/test-support/options'
import {
  type LoadedProvidersOptions,
  type NamedProvidersOptions,
  providers,
} from '../../src/providers/index.ts'
import { headerOf, ScriptedProvider, world } from '../world.ts'

/** A provider whose login page has a name. */
class NamedProvider extends ScriptedProvider {
  readonly name: string
  constructor(name: string) {
    super()
    this.name = name
  }
  override async authorize(asked: { state: string; parameters: Readonly<Record<string, string>> }) {
    const { transaction } = await super.authorize(asked)
    return { url: `https://${this.name}.example/`, transaction }
  }
}

const two = (options: NamedProvidersOptions<'a' | 'b'>) =>
  signInAt(providers({ a: new NamedProvider('a'), b: new NamedProvider('b') }, options))

async function signInAt(provider: ReturnType<typeof providers>) {
  const reply = await world({ provider }).browser().navigate('/bff/login')
  return headerOf(reply, 'location')
}

const byPath = { set: () => 'b', shows: ['/?error=bad_request', 'https://b.example/'] } as const

testOptions<NamedProvidersOptions<'a' | 'b'>>('NamedProvidersOptions', {
  default: { set: 'b', see: two, shows: ['/?error=bad_request', 'https://b.example/'] },
  choose: { ...byPath, see: two },
})

const load = (name: string) => new NamedProvider(name)

/** How often providers are loaded when two users sign in at each of two names, a minute apart. */
async function loads(options: Partial<LoadedProvidersOptions>, clock = manualClock()) {
  const loaded: string[] = []
  const provider = providers({
    load: (name) => {
      loaded.push(name)
      return load(name)
    },
    clock,
    ...options,
  })
  const { browser } = world({ provider, clock })
  for (const name of ['a', 'b', 'a', 'b']) {
    await browser().navigate(`/bff/login?provider=${name}`)
    await clock.advance(60_000)
  }
  return loaded.length
}

testOptions<LoadedProvidersOptions>('LoadedProvidersOptions', {
  load: {
    instead: (name: string) => new NamedProvider(`first-${name}`),
    set: (name: string) => new NamedProvider(`second-${name}`),
    see: (options) => signInAt(providers({ default: 'a', load, ...options })),
    shows: ['https://first-a.example/', 'https://second-a.example/'],
  },
  default: {
    set: 'b',
    see: (options) => signInAt(providers({ load, ...options })),
    shows: ['/?error=bad_request', 'https://b.example/'],
  },
  choose: { ...byPath, see: (options) => signInAt(providers({ load, ...options })) },
  ttlMs: { set: 60_000, see: (options) => loads(options), shows: [2, 4] },
  max: { set: 1, see: (options) => loads(options), shows: [2, 4] },
  clock: {
    set: manualClock(),
    see: async ({ clock }) => {
      const times: number[] = []
      const seen = clock && { ...clock, monotonic: () => times.push(1) }
      await loads(seen === undefined ? {} : { clock: seen })
      return times.length > 0
    },
    shows: [false, true],
  },
})
