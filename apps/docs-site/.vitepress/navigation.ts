import type { DefaultTheme } from 'vitepress'
import { packageName } from '../reference/entries.ts'

type Item = DefaultTheme.SidebarItem

const group = (text: string, pages: Readonly<Record<string, string>>, collapsed?: boolean): Item => ({
  text,
  items: Object.entries(pages).map(([link, label]) => ({ link: `/${link}`, text: label })),
  ...(collapsed === undefined ? {} : { collapsed }),
})

const LEARN: Item[] = [
  group('Start', {
    'start/what-is-a-bff': 'What a BFF is',
    'start/tutorial': 'Tutorial',
  }),
  group('Sign-in', {
    'guides/identity-providers': 'Identity providers',
    'guides/client-authentication': 'Client authentication',
    'guides/several-providers': 'Several providers and tenants',
    'guides/your-own-users': 'Your own users',
    'guides/roles': 'Roles and permissions',
    'guides/origins': 'Origins and paths',
    'guides/several-frontends': 'Several frontends',
    'guides/step-up': 'Step-up',
    'guides/wallets': 'Wallets',
    'guides/device-binding': 'Device binding',
    'guides/embedding': 'In a frame of another site',
  }),
  group('Sessions', {
    'guides/session-lifetimes': 'How long a session lives',
    'guides/changing-a-session': 'Changing a session',
    'guides/back-channel-logout': 'Back-channel logout',
    'guides/shared-signals': 'Security events',
    'guides/sql-with-kysely': 'SQL with Kysely',
    'guides/sql-with-prisma': 'SQL with Prisma',
  }),
  group('Pages and APIs', {
    'guides/single-page-app': 'Single-page app',
    'guides/server-rendered-app': 'Server-rendered app',
    'guides/calling-apis': 'Calling APIs',
    'guides/forms-and-csrf': 'Forms and CSRF',
    'guides/streams': 'Event streams, WebSockets',
  }),
  group('Quality', {
    'guides/testing': 'Testing your app',
    SKILL: 'For AI assistants',
  }),
  group('Moving here', {
    'guides/moving-here': 'The common steps',
    'guides/moving/auth-js': 'From Auth.js',
    'guides/moving/better-auth': 'From better-auth',
    'guides/moving/nextjs-auth0': 'From nextjs-auth0',
    'guides/moving/express-openid-connect': 'From express-openid-connect',
    'guides/moving/passport': 'From express-session, passport',
    'guides/moving/keycloak-connect': 'From keycloak-connect',
    'guides/moving/iron-session': 'From iron-session',
    'guides/moving/oauth2-proxy': 'From oauth2-proxy',
    'guides/moving/duende': 'From Duende BFF',
  }),
  group(
    'Small complete apps',
    {
      'examples/fastify': 'Fastify',
      'examples/express': 'Express',
      'examples/koa': 'Koa',
      'examples/hono': 'Hono',
      'examples/nest': 'NestJS',
      'examples/next': 'Next.js',
      'examples/sveltekit': 'SvelteKit',
      'examples/react-router': 'React Router',
      'examples/astro': 'Astro',
      'examples/nuxt': 'Nuxt',
      'examples/tanstack-start': 'TanStack Start',
      'examples/node-http': 'Plain Node',
      'examples/testing': 'An app and its tests',
      'examples/test': 'How the examples are tested',
    },
    true,
  ),
]

const OPERATE: Item[] = [
  group('Operate', {
    'operate/checklist': 'Checklist',
    'operate/deployment': 'Deployment',
    'operate/keys': 'Keys',
    'operate/all-sessions': 'All sessions',
    'operate/running': 'Running it',
    'operate/monitoring': 'Logs, metrics and alerts',
    'operate/runtimes': 'Runtimes',
    'operate/troubleshooting': 'Troubleshooting',
    performance: 'Performance',
  }),
]

const COMPARE: Item[] = [
  group('Compare', {
    'compare/index': 'At a glance',
    'compare/races': 'The three races',
    'contribute/comparison': 'Row by row',
    'guides/moving-here': 'Moving here',
  }),
]

const CONTRIBUTE: Item[] = [
  group('Contribute', {
    'contribute/index': 'How to contribute',
    'contribute/principles': 'Principles',
    'contribute/architecture': 'Architecture',
    'contribute/glossary': 'Glossary',
    'contribute/style': 'Style',
    'contribute/add-a-store': 'Add a store',
    'contribute/add-an-http-adapter': 'Add an HTTP adapter',
    'contribute/requirements': 'Requirements',
    'contribute/comparison': 'Comparison, row by row',
    'contribute/chaos': 'Chaos',
    'contribute/adr/index': 'Decisions',
    'security-policy': 'Report a vulnerability',
  }),
  group(
    'Apps of the repository',
    {
      'apps/demo': 'Demo',
      'apps/demo-next': 'Demo in Next.js',
      'apps/wallet': 'Wallet service',
      'apps/idp': 'OpenID provider',
      'apps/orders-api': 'Orders API',
      'apps/servers': 'Servers of the tests',
      'apps/bench': 'Benchmarks',
      'apps/chaos': 'Chaos runs',
      'apps/docs-site': 'This site',
    },
    true,
  ),
]

const reference = (packages: readonly string[], entries: readonly string[]): Item[] => [
  group('Reference', {
    configuration: 'Options',
    errors: 'Errors',
    events: 'Events',
    'reference/endpoints': 'Endpoints',
    security: 'Security',
  }),
  group(
    'Packages',
    Object.fromEntries(packages.map((name) => [`packages/${name}`, packageName(name)])),
    true,
  ),
  group('API', {
    'reference/api/index': 'All entries',
    ...Object.fromEntries(
      entries.map((entry) => [`reference/api/${entry.replaceAll('/', '-')}`, packageName(entry)]),
    ),
  }),
]

/** A page by its address without an ending, and its first heading. */
export interface Page {
  readonly address: string
  readonly title: string
}

/** Pages that others lead to, and that are in no sidebar. */
const UNLISTED = /^(index|contents|readme|contribute\/adr\/(template|\d.*))$/

const addressesIn = (groups: readonly Item[]): string[] =>
  groups.flatMap(({ items = [] }) => items.map(({ link = '' }) => link.slice(1)))

/**
 * The navigation, written by hand. A page that nobody has put into a group is in the group "More" of its folder.
 *
 * @param packages the folder names of the published packages
 * @param entries their public entries, such as `core/proxy`
 * @param pages all pages
 */
export function navigation(packages: readonly string[], entries: readonly string[], pages: readonly Page[]) {
  const listed = new Set(
    addressesIn([...LEARN, ...OPERATE, ...COMPARE, ...CONTRIBUTE, ...reference(packages, entries)]),
  )
  const others = pages.filter(({ address }) => !listed.has(address) && !UNLISTED.test(address))
  const more = (folders: RegExp): Item[] => {
    const here = others.filter(({ address }) => folders.test(address))
    return here.length === 0
      ? []
      : [group('More', Object.fromEntries(here.map(({ address, title }) => [address, title])))]
  }
  const learn = [...LEARN, ...more(/^(start|guides|examples)\//)]
  const operate = [...OPERATE, ...more(/^operate\//)]
  const contribute = [...CONTRIBUTE, ...more(/^(contribute|apps)\//)]
  const refer = [...reference(packages, entries), ...more(/^(reference\/|packages\/|[^/]+$)/)]
  const nav: DefaultTheme.NavItem[] = [
    { text: 'Guides', link: '/start/what-is-a-bff', activeMatch: '^/(start|guides|examples)/' },
    { text: 'Operate', link: '/operate/checklist', activeMatch: '^/(operate/|performance)' },
    {
      text: 'Reference',
      link: '/configuration',
      activeMatch: '^/(reference/|packages/|configuration|errors|events|security\\b(?!-))',
    },
    { text: 'Compare', link: '/compare/', activeMatch: '^/compare/' },
    { text: 'Contribute', link: '/contribute/', activeMatch: '^/(contribute/|apps/|security-policy)' },
  ]
  const sidebar: DefaultTheme.SidebarMulti = {
    '/operate/': operate,
    '/performance': operate,
    '/compare/': [...COMPARE, ...more(/^compare\//)],
    '/contribute/': contribute,
    '/apps/': contribute,
    '/security-policy': contribute,
    '/configuration': refer,
    '/errors': refer,
    '/events': refer,
    '/security': refer,
    '/reference/': refer,
    '/packages/': refer,
    '/': learn,
  }
  return { nav, sidebar }
}

/** The names in the navigation that are no page. */
export function navigationProblems(
  pages: readonly string[],
  { sidebar }: Pick<ReturnType<typeof navigation>, 'sidebar'>,
): string[] {
  const named = new Set(addressesIn(Object.values(sidebar).flatMap((groups) => groups as Item[])))
  return [...named]
    .filter((address) => !pages.includes(address))
    .map((address) => `.vitepress/navigation.ts names ${address}, which is no page.`)
}
