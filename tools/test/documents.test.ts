import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)
}

function membersOf(path: string, name: string): ts.PropertySignature[] {
  const found = parse(path).statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  )
  if (!found || !ts.isInterfaceDeclaration(found)) throw new Error(`${path} has no interface ${name}.`)
  return found.members.filter(ts.isPropertySignature)
}

/** The first word of a member's `@default`, without Markdown and separators: `28_800_000 (8 hours)` gives `28800000`. */
function defaultOf(member: ts.PropertySignature): string | null {
  const tag = ts.getJSDocTags(member).find((one) => one.tagName.text === 'default')
  const text = tag && ts.getTextOfJSDocComment(tag.comment)
  return text ? firstWord(text) : null
}

const firstWord = (text: string): string =>
  /^[^\s;,:(]+/.exec(text.replaceAll(/[`_]/g, ''))?.[0].replace(/\.$/, '') ?? ''

/** The rows of a section's table: first cell to all cells. */
function rowsUnder(document: string, heading: string): Map<string, string[]> {
  const sections = read(document).split(/^#+ /m)
  const section = sections.find((text) => text.startsWith(`${heading}\n`))
  if (section === undefined) throw new Error(`${document} has no section "${heading}".`)
  const rows = section.split('\n').filter((line) => /^\| `/.test(line))
  return new Map(
    rows.map((line) => {
      const cells = line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
      return [plainName(cells[0] ?? ''), cells]
    }),
  )
}

const plainName = (cell: string): string => cell.replaceAll('`', '')

describe('docs/configuration.md', () => {
  it.each([
    ['createBff', 'packages/core/src/config.ts', ['BffConfig']],
    ['cookie', 'packages/core/src/config.ts', ['CookieOptions']],
    ['session', 'packages/core/src/config.ts', ['SessionOptions']],
    ['csrf', 'packages/core/src/config.ts', ['CsrfOptions']],
    ['login', 'packages/core/src/config.ts', ['LoginOptions']],
    ['logout', 'packages/core/src/config.ts', ['LogoutOptions']],
    ['refresh', 'packages/core/src/config.ts', ['RefreshOptions']],
    ['hooks', 'packages/core/src/config.ts', ['Hooks']],
    ['apiProxy', 'packages/core/src/proxy/api-proxy.ts', ['ApiProxyOptions']],
    ['routes', 'packages/core/src/proxy/proxy.ts', ['ProxyRoute']],
    ['sessionFetch', 'packages/core/src/proxy/session-fetch.ts', ['SessionFetchOptions']],
    ['openapi', 'packages/core/src/openapi/openapi.ts', ['OpenApiOptions']],
    ['clientCredentials and tokenExchange', 'packages/oidc/src/api-tokens.ts', ['ApiTokenOptions']],
    ['accessTokenVerifier', 'packages/oidc/src/access-token-verifier.ts', ['AccessTokenVerifierOptions']],
    ['clientAddress', 'packages/core/src/client-address/client-address.ts', ['ClientAddressOptions']],
    ['memoryRateLimiter', 'packages/core/src/rate-limit/memory-limiter.ts', ['MemoryRateLimiterOptions']],
    ['originCheck', 'packages/core/src/compose/origin-check.ts', ['OriginOptions', 'OriginCheckOptions']],
    ['sessionCookie', 'packages/core/src/compose/session-cookie.ts', ['SessionCookieOptions']],
    ['createEncryptor', 'packages/core/src/crypto/create-encryptor.ts', ['EncryptorOptions']],
    ['undiciUpstream', 'packages/node/src/undici-upstream.ts', ['UndiciUpstreamOptions']],
    ['bffPlugin', 'packages/fastify/src/plugin.ts', ['BffPluginOptions']],
    ['createBffClient', 'packages/client/src/bff-client.ts', ['BffClientOptions']],
    ['memoryStore', 'packages/store-memory/src/index.ts', ['MemoryStoreOptions']],
    ['withCreationRate', 'packages/core/src/store/creation-rate.ts', ['CreationRateOptions']],
    ['withPseudonyms', 'packages/core/src/store/pseudonyms.ts', ['PseudonymsOptions']],
    ['withCleanup', 'packages/core/src/store/cleanup.ts', ['BackgroundCleanupOptions']],
    ['oauthClient', 'packages/oidc/src/oauth-client.ts', ['OauthClientOptions']],
    ['wallet', 'packages/wallet/src/options.ts', ['WalletOptions']],
  ])('lists every option of %s with its default, and no other', (heading, path, names) => {
    check(
      heading,
      names.flatMap((name) => membersOf(path, name)),
    )
  })

  it.each([
    ['rateLimit', 'rate-limit.ts', 'RateLimitOptions'],
    ['limitRequests', 'limit-requests.ts', 'LimitRequestsOptions'],
  ])('lists every option of %s with its default, and no other', (heading, file, name) => {
    check(heading, [
      ...membersOf('packages/core/src/rate-limit/policies.ts', 'RateLimit'),
      ...membersOf('packages/core/src/rate-limit/guard.ts', 'LimitingOptions'),
      ...membersOf(`packages/core/src/rate-limit/${file}`, name),
    ])
  })

  it('lists every option of oidc with its default, and no other', () => {
    check('oidc', [
      ...membersOf('packages/oidc/src/options.ts', 'OidcOptions'),
      ...membersOf('packages/oidc/src/client-authentication.ts', 'ClientAuthenticationOptions'),
    ])
  })

  function check(heading: string, members: readonly ts.PropertySignature[]): void {
    const rows = rowsUnder('docs/configuration.md', heading)
    const names = members.map((member) => member.name.getText())
    expect([...rows.keys()].sort()).toEqual([...names].sort())
    for (const member of members) {
      const wanted = defaultOf(member)
      const row = rows.get(member.name.getText()) ?? []
      if (wanted !== null) expect(firstWord(row[1] ?? ''), member.name.getText()).toBe(wanted)
    }
  }
})

describe('docs/events.md', () => {
  it('lists every event type with its members, and no other', () => {
    const union = parse('packages/core/src/events.ts').statements.find(
      (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === 'BffEventDetail',
    )
    /** Of one type, the members of every form it has. */
    const actual = new Map<string, Set<string>>()
    union?.forEachChild(function visit(node) {
      if (ts.isTypeLiteralNode(node)) {
        const members = node.members.filter(ts.isPropertySignature)
        const type = members.find((member) => member.name.getText() === 'type')?.type?.getText() ?? ''
        const own = members.map((member) => member.name.getText()).filter((name) => name !== 'type')
        const aboutSession = ts.isIntersectionTypeNode(node.parent)
        const name = type.slice(1, -1)
        const known = actual.get(name) ?? []
        actual.set(name, new Set([...known, ...own, ...(aboutSession ? ['handle', 'userId'] : [])]))
      }
      node.forEachChild(visit)
    })
    const documented = [...rowsUnder('docs/events.md', 'Types')].map(([type, cells]): [string, string[]] => [
      type,
      [...(cells[2] ?? '').replaceAll(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)]
        .map(([, name = '']) => name)
        .sort(),
    ])
    expect(documented).toEqual([...actual].map(([type, members]) => [type, [...members].sort()]))
  })

  it('names the topics that cross processes', () => {
    const [, union = ''] = /type Topic =([^=]+?)\n\n/.exec(read('packages/core/src/events.ts')) ?? []
    const topics = [...union.matchAll(/'([a-z.]+)'/g)].map(([, name]) => name)
    expect(topics).not.toEqual([])
    const rows = rowsUnder('docs/events.md', 'Types')
    const marked = [...rows].filter(([, cells]) => cells[3] === 'yes').map(([type]) => type)
    expect(marked.sort()).toEqual(topics.sort())
  })
})
