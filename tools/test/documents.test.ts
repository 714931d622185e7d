import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it, vi } from 'vitest'
import { ERRORS } from '../../packages/core/src/contracts/error-codes.ts'
import type { BffEvent } from '../../packages/core/src/contracts/events.ts'
import { createConsoleSink } from '../../packages/core/src/internal/console-sink.ts'
import { systemClock } from '../../packages/core/src/internal/system-clock.ts'
import { type OptionType, optionTypes } from '../option-types.mjs'
import { listFiles } from '../packages.mjs'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022, true)
}

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
  const types = [...optionTypes().values()].filter(({ isForTests }) => !isForTests)
  const sections = new Map(
    read('docs/configuration.md')
      .split(/^#+ /m)
      .map((text) => [text.split('\n', 1)[0] ?? '', text]),
  )
  /** The section of what takes these options; a heading may name several, as in "postgresStore and mysqlStore". */
  const headingOf = ({ takers }: OptionType) =>
    [...sections.keys()].find((heading) => heading.split(/, | and /).some((name) => takers.has(name)))
  /** The types of options of which a test sets each one; apps/test-support/src/options.ts holds it to all of them. */
  const tables = readdirSync(new URL('../../packages', import.meta.url), {
    recursive: true,
    encoding: 'utf8',
  })
    .filter((path) => /^[^/]+\/test\/.*\.test\.tsx?$/.test(path) && !path.includes('node_modules'))
    .flatMap((path) => [...read(`packages/${path}`).matchAll(/^testOptions<(\w+)/gm)].map(([, name]) => name))
  /** What a section says in words, and the rows of those it refers to, count too. */
  const mentions = (heading: string): Set<string> => {
    const text = sections.get(heading) ?? ''
    const others = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
    const referred = [...sections.keys()].filter((name) => others.includes(anchorOf(name)))
    const rows = referred.flatMap((name) => [...rowsUnder('docs/configuration.md', name).keys()])
    return new Set([...rows, ...[...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)])
  }

  it('finds the options there are', () => {
    expect(types.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'BffConfig',
        'SessionOptions',
        'ProxyRoute',
        'OidcOptions',
        'RedisStoreOptions',
      ]),
    )
  })

  it.each(types)('has a section for $name, with every option', (type) => {
    const heading = headingOf(type)
    if (heading === undefined) throw new Error(`No section for ${[...type.takers].join(' or ')}.`)
    const known = mentions(heading)
    expect(type.options.map(({ name }) => name).filter((name) => !known.has(name))).toEqual([])
  })

  it.each(types)('has a test that sets every option of $name and sees the difference', ({ name }) => {
    expect(tables, `testOptions<${name}>('${name}', …)`).toContain(name)
  })

  it('has no option that is none', () => {
    for (const heading of sections.keys()) {
      const here = types.filter((type) => headingOf(type) === heading)
      const options = here.flatMap((type) => type.options.map(({ name }) => name))
      if (here.length === 0) continue
      const rows = [...rowsUnder('docs/configuration.md', heading).keys()]
      expect(
        rows.filter((name) => !options.includes(name)),
        heading,
      ).toEqual([])
    }
  })
})

const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
    .trim()

describe('docs/events.md', () => {
  it('lists every event type with its members, and no other', () => {
    const sources = [
      'packages/core/src/contracts/events.ts',
      'packages/wallet/src/events.ts',
      'packages/oidc/src/shared-signals/events.ts',
    ].map(parse)
    /** By type, the members of every form it has; a session's own are those of `AboutSession`. */
    const actual = new Map<string, Set<string>>()
    const add = (type: string, node: ts.TypeNode | undefined) => {
      const members = actual.get(type) ?? new Set()
      actual.set(type, members)
      if (node === undefined) return
      if (ts.isIntersectionTypeNode(node)) for (const part of node.types) add(type, part)
      if (ts.isTypeLiteralNode(node))
        for (const member of node.members) if (member.name) members.add(member.name.getText())
      const shared = { AboutSession: ['handle', 'userId'], AboutRequest: ['ipAddress', 'userAgent'] }
      for (const name of shared[node.getText() as keyof typeof shared] ?? []) members.add(name)
    }
    const typeOf = (name: ts.PropertyName) => (ts.isStringLiteral(name) ? name.text : name.getText())
    for (const source of sources)
      source.forEachChild(function visit(node) {
        if (ts.isInterfaceDeclaration(node))
          for (const member of node.members.filter(ts.isPropertySignature)) {
            if (node.name.text === 'BffEventMap') add(typeOf(member.name), member.type)
            if (node.name.text === 'LogoutEventMap') {
              actual.set('auth.logout', (actual.get('auth.logout') ?? new Set()).add('by'))
              add('auth.logout', member.type)
            }
          }
        node.forEachChild(visit)
      })
    const documented = [...rowsUnder('docs/events.md', 'Types')].map(([type, cells]): [string, string[]] => [
      type,
      [...(cells[2] ?? '').replaceAll(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)]
        .map(([, name = '']) => name)
        .sort(),
    ])
    expect(new Map(documented)).toEqual(
      new Map([...actual].map(([type, members]) => [type, [...members].sort()])),
    )
  })

  it('names the topics that cross processes', () => {
    const [, union = ''] =
      /type Topic =([^=]+?)\n\n/.exec(read('packages/core/src/contracts/events.ts')) ?? []
    const topics = [...union.matchAll(/'([a-z.]+)'/g)].map(([, name]) => name)
    expect(topics).not.toEqual([])
    const rows = rowsUnder('docs/events.md', 'Types')
    const marked = [...rows].filter(([, cells]) => cells[3] === 'yes').map(([type]) => type)
    expect(marked.sort()).toEqual(topics.sort())
  })
})

describe('docs/operate/monitoring.md', () => {
  it('writes as an error or a warning what the default sink writes', () => {
    const document = read('docs/operate/monitoring.md')
    const patternOf = (name: string) => new RegExp(document.match(`const ${name} = /(.*)/\n`)?.[1] ?? '^$')
    const [errors, warnings] = [patternOf('ERRORS'), patternOf('WARNINGS')]
    const written: string[] = []
    const warn = vi.spyOn(console, 'warn').mockImplementation((line: string) => void written.push(line))
    const sink = createConsoleSink(systemClock)
    for (const [type, cells] of rowsUnder('docs/events.md', 'Types'))
      sink({ type, at: 0, ...(cells[2]?.includes('`severity`') && { severity: 'warning' }) } as BffEvent)
    warn.mockRestore()
    const types = written.map((line) => line.slice('[bff] '.length))
    expect(types).toContain('store.unavailable')
    expect(types.filter((type) => !errors.test(type) && !warnings.test(type))).toEqual([])
  })
})

describe('links between documents', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const documents = [
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
    'docs/llms.txt',
    ...['docs', '.changeset', 'packages', 'apps', 'examples'].flatMap((folder) =>
      listFiles(root, folder, ['.md']).filter((file) => !file.includes('/generated/')),
    ),
  ]
  /** Without code, where brackets and parentheses mean something else. */
  const prose = (path: string) => read(path).replaceAll(/^```[\s\S]*?^```/gm, '')
  const anchorsIn = (path: string) =>
    [...prose(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))

  it.each(documents)('of %s lead to a file and a heading that exist', (document) => {
    const targets = [...prose(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    const broken = targets
      .filter((target) => !/^https?:/.test(target))
      .filter((target) => {
        const [file = '', anchor] = target.split('#')
        const path = file === '' ? document : posix.join(posix.dirname(document), file)
        if (!existsSync(join(root, path))) return true
        if (anchor === undefined) return false
        const page = path.endsWith('.md') ? path : posix.join(path, 'README.md')
        return !anchorsIn(page).includes(anchor)
      })
    expect(broken).toEqual([])
  })

  it('of docs/llms.txt lead to every page about starting, building, operating and comparing', () => {
    const pages = ['start', 'guides', 'operate', 'compare'].flatMap((folder) =>
      listFiles(root, `docs/${folder}`, ['.md']),
    )
    expect(pages.length).toBeGreaterThan(40)
    const index = read('docs/llms.txt')
    expect(pages.filter((page) => !index.includes(`](${page.slice('docs/'.length)})`))).toEqual([])
  })

  it('and the error codes in them exist, with their status', () => {
    const codes = documents
      .filter((path) => !/^(?:docs\/contribute|\.changeset)\//.test(path))
      .flatMap((path) =>
        [...prose(path).matchAll(/\b([45]\d\d) `([a-z]+(?:_[a-z]+)+)`/g)].map(([, status, code = '']) => [
          path,
          Number(status),
          code,
        ]),
      )
    expect(codes.length).toBeGreaterThan(20)
    const known = new Map(Object.entries(ERRORS).map(([code, [status]]) => [code, status]))
    expect(codes.filter(([, status, code]) => known.get(String(code)) !== status)).toEqual([])
  })
})

describe('the journeys of docs/contribute/architecture.md', () => {
  const [, section = ''] = read('docs/contribute/architecture.md').split('## Four journeys\n')
  const journeys = (section.split(/^## /m)[0] ?? '')
    .split(/^\*\*/m)
    .slice(1)
    .map((text): [string, string[]] => [
      text.split('**')[0] ?? '',
      [...text.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, file = '']) => file),
    ])

  it('are four', () => {
    expect(journeys.map(([name]) => name)).toHaveLength(4)
  })

  it.each(journeys)('%s passes files that exist, twelve at most, and enters no folder twice', (_, files) => {
    expect(
      files.filter((file) => !existsSync(new URL(`../../packages/core/src/${file}`, import.meta.url))),
    ).toEqual([])
    expect(files.length).toBeGreaterThan(4)
    expect(files.length).toBeLessThanOrEqual(12)
    const rooms = files.map((file) => file.split('/')[0])
    const entered = rooms.filter((room, at) => room !== rooms[at - 1])
    expect(entered).toEqual([...new Set(rooms)])
  })
})
