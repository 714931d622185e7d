import { type Frontends, frontends } from '@bff/core/frontends'
import { apiProxy, type Upstream } from '@bff/core/proxy'
import { IDLE_MS, type LawPorts, type LawSettings, ORIGIN, type SignedIn, signInTo } from './law-bff.ts'

/** The frontends of a law: two by origin, and two by a path of the first one's origin. */
export const FRONTENDS = {
  main: { origin: ORIGIN, path: '' },
  other: { origin: 'https://other.example.com', path: '' },
  mounted: { origin: ORIGIN, path: '/mounted' },
  open: { origin: ORIGIN, path: '/open' },
} as const

export type FrontendName = keyof typeof FRONTENDS

/** What a law with several frontends can do to them. */
export interface LawFrontends {
  add(name: FrontendName): Promise<void>
  /** Resolves when the frontend is closed. */
  remove(name: FrontendName): Promise<void>
  /** Makes a session of a frontend. */
  signIn(name: FrontendName, userId: string): Promise<SignedIn>
}

/** Several frontends for a law, all of them on one store, and each with a proxied path. */
export function lawFrontends(
  { encryptionKey, api }: LawSettings,
  ports: LawPorts,
  upstream?: () => Upstream,
): LawFrontends & { readonly all: Frontends } {
  const all = frontends({ clock: ports.clock, onEvent: ports.onEvent })
  const laws: LawFrontends = {
    async add(name) {
      const { origin, path } = FRONTENDS[name]
      const routes = [{ path: `${path}/api`, target: api }]
      all.add(name, {
        origin,
        basePath: `${path}/bff`,
        encryptionKeys: [encryptionKey],
        proxy: apiProxy(upstream === undefined ? { routes } : { routes, upstream: upstream() }),
        session: { idleTimeoutMs: IDLE_MS },
        ...ports,
      })
    },
    async remove(name) {
      await all.remove(name)
    },
    async signIn(name, userId) {
      const bff = all.get(name)
      if (bff === null) throw new TypeError(`No frontend has the name ${name}.`)
      return signInTo(bff, userId)
    },
  }
  return { ...laws, all }
}
