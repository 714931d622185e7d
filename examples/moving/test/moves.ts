import type { Page } from 'playwright-core'

/** An app before and after. */
export interface Move {
  readonly folder: string
  /** The page below `docs/guides/moving`. @default that of the folder's name */
  readonly guide?: string
  readonly profile: object
  readonly callsApi: boolean
  /** Where the provider is, and how the app authenticates there. @default the provider of the tree, `basic` */
  readonly provider?: 'realm' | 'post'
  /** The files of both apps that the guide shows. @default `before.js` and `after.ts` */
  readonly files?: { readonly before: readonly string[]; readonly after: readonly string[] }
  /** Whether the apps are in Next, in the folders `before` and `after`. @default false */
  readonly next?: boolean
}

/** A move whose app before runs here, and what a person does in it. */
export interface RunnableMove extends Move {
  /** Goes to the provider. */
  signIn(page: Page, origin: string): Promise<unknown>
  signOut(page: Page, origin: string): Promise<unknown>
}

const opens = (path: string) => (page: Page, origin: string) => page.goto(origin + path)
const presses = (path: string) => async (page: Page, origin: string) => {
  await page.goto(origin + path)
  await page.getByRole('button').click()
}
const pressesAndLeaves = (path: string) => async (page: Page, origin: string) => {
  await presses(path)(page, origin)
  await page.waitForURL((url) => url.pathname === '/')
}
const leaves = (path: string) => async (page: Page, origin: string) => {
  await page.goto(origin + path)
  await page.waitForURL((url) => url.pathname === '/')
}
const post = (page: Page) =>
  page.evaluate(() => fetch('/logout', { method: 'POST', redirect: 'manual' }).then(() => {}))

const signIn = opens('/login')
const profile = { name: 'Alice Liddell' }

export const MOVES: readonly RunnableMove[] = [
  { folder: 'express-openid-connect', profile, callsApi: true, signIn, signOut: leaves('/logout') },
  { folder: 'iron-session', profile: { user: 'alice' }, callsApi: true, signIn, signOut: post },
  { folder: 'passport', profile, callsApi: false, signIn, signOut: post },
  {
    folder: 'auth-js',
    profile,
    callsApi: true,
    signIn: presses('/auth/signin'),
    signOut: pressesAndLeaves('/auth/signout'),
  },
  {
    folder: 'next-auth',
    guide: 'auth-js',
    profile,
    callsApi: true,
    next: true,
    files: {
      before: [
        'auth.js',
        'app/api/auth/[...nextauth]/route.js',
        'app/profile/route.js',
        'app/orders/page.jsx',
      ],
      after: ['lib/bff.ts', 'app/bff/[...bff]/route.ts', 'app/profile/route.ts', 'app/orders/page.tsx'],
    },
    signIn: presses('/api/auth/signin'),
    signOut: pressesAndLeaves('/api/auth/signout'),
  },
  {
    folder: 'keycloak-connect',
    profile,
    callsApi: true,
    provider: 'realm',
    signIn: opens('/profile'),
    signOut: leaves('/logout'),
  },
  {
    folder: 'nextjs-auth0',
    profile,
    callsApi: true,
    provider: 'post',
    next: true,
    files: {
      before: ['lib/auth0.js', 'proxy.js', 'app/profile/route.js', 'app/orders/route.js'],
      after: [
        'lib/bff.ts',
        'app/profile/route.ts',
        'app/orders/[[...path]]/route.ts',
        'app/bff/[...bff]/route.ts',
      ],
    },
    signIn: opens('/auth/login'),
    signOut: leaves('/auth/logout'),
  },
]

/** Setups before that are no package of npm: their configuration is here, and only the app after runs. */
export const CONFIGURED = {
  oauth2Proxy: {
    folder: 'oauth2-proxy',
    profile: { user: 'alice', email: 'alice@example.com' },
    callsApi: true,
    files: { before: ['oauth2-proxy.cfg', 'app.js'], after: ['after.ts', 'nginx.conf'] },
  },
  duende: {
    folder: 'duende',
    profile,
    callsApi: true,
    files: { before: ['Program.cs', 'page.jsx'], after: ['after.ts'] },
  },
} as const satisfies Record<string, Move>

/** Both apps have one database: `better-auth.test.ts` starts one after the other. */
export const BETTER_AUTH: Move = {
  folder: 'better-auth',
  profile,
  callsApi: true,
  files: { before: ['before.js'], after: ['users.ts', 'after.ts'] },
}

/** The files of one of the two apps that the guide shows, below the folder of the move. */
export const filesOf = ({ files, next }: Move, side: 'before' | 'after'): readonly string[] =>
  (files?.[side] ?? [side === 'before' ? 'before.js' : 'after.ts']).map((file) =>
    next === true ? `${side}/${file}` : file,
  )
