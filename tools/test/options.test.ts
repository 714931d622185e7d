import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { optionProblems, updateOptions } from '../options.mjs'
import { root as workspace } from '../process.mjs'

/** A workspace with one package, whose one function takes options, and a document with their table. */
let root: string

const SOURCE = `
export interface PauseOptions {
  /** How long to wait, in milliseconds. @default 300_000 (5 minutes). At least 1000 */
  readonly pauseMs?: number
  /**
   * The way to wait, as \`wait()\` does.
   * @default \`idle\`
   *
   * - \`idle\`: lets the process end.
   * - \`busy\`: does not.
   */
  readonly way?: 'idle' | 'busy'
  /** Receives {@link PauseOptions}, or nothing | at all. */
  readonly onPause: () => void
}
export declare function wait(options: PauseOptions): void
`

const TABLE = `| Option | Default | Meaning |
| ------ | ------- | ------- |
| \`pauseMs\` | \`300_000\` (5 minutes) | How long to wait, in milliseconds. At least 1000. |
| \`way\` | \`idle\` | The way to wait, as [\`wait()\`](#wait) does. \`idle\`: lets the process end. \`busy\`: does not. |
| \`onPause\` | required | Receives \`PauseOptions\`, or nothing \\| at all. |`

const document = (marker: string, table: string) =>
  `# Options\n\n## wait\n\nBefore.\n\n<!-- options: ${marker} -->\n\n${table}\n\n<!-- /options -->\n\nAfter.\n`

function write(marker: string, table: string): void {
  writeFileSync(join(root, 'docs/configuration.md'), document(marker, table))
}

const read = () => readFileSync(join(root, 'docs/configuration.md'), 'utf8')

/** Gives each function an entry of its own, over the same source. */
function writeEntries(source: string): void {
  const folder = join(root, 'packages/wait')
  const exports = {
    './server': { '@bff/source': './src/server.ts' },
    './file': { '@bff/source': './src/file.ts' },
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ exports }))
  writeFileSync(join(folder, 'src/types.ts'), source)
  writeFileSync(join(folder, 'src/server.ts'), `export { server } from './types.ts'`)
  writeFileSync(join(folder, 'src/file.ts'), `export { file } from './types.ts'`)
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'options-'))
  mkdirSync(join(root, 'docs'))
  mkdirSync(join(root, 'packages/wait/src'), { recursive: true })
  cpSync(join(workspace, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  const manifest = { exports: { '.': { '@bff/source': './src/index.ts' } } }
  writeFileSync(join(root, 'packages/wait/package.json'), JSON.stringify(manifest))
  writeFileSync(join(root, 'packages/wait/README.md'), 'No tables.\n')
  writeFileSync(join(root, 'packages/wait/src/index.ts'), SOURCE)
})

afterEach(() => rmSync(root, { recursive: true }))

it('writes a table from the doc comments, and leaves the prose around it', () => {
  write('PauseOptions', 'an older table')
  expect(optionProblems(root)).toEqual([
    'docs/configuration.md has a table that is not what the types say now.',
  ])
  expect(updateOptions(root)).toEqual(['docs/configuration.md'])
  expect(read()).toBe(document('PauseOptions', TABLE))
  expect(optionProblems(root)).toEqual([])
  expect(updateOptions(root)).toEqual([])
})

it('writes the options that the marker names, in their order', () => {
  write('PauseOptions: onPause, pauseMs', '')
  updateOptions(root)
  const [head, line, pauseMs, , onPause] = TABLE.split('\n')
  expect(read()).toBe(document('PauseOptions: onPause, pauseMs', [head, line, onPause, pauseMs].join('\n')))
})

const ENTRIES = `
export interface ServerOptions {
  /** How long to wait. @default 1 */
  readonly pauseMs?: number
  /** Its address. */
  readonly url?: string
}
export interface FileOptions {
  /** How long to wait. @default 1 */
  readonly pauseMs?: number
  /** Its name. */
  readonly url?: string
  readonly path?: string
}
export declare function server(options: ServerOptions): void
export declare function file(options: FileOptions): void
`

it('writes one table for several types, whose rows name the entries that differ', () => {
  writeEntries(ENTRIES.replace('readonly path', '/** The file. */ readonly path'))
  write('ServerOptions, FileOptions', '')
  updateOptions(root)
  const [head, line] = TABLE.split('\n')
  const rows = [
    '| `pauseMs` | `1` | How long to wait. |',
    '| `url` | none | (`./server`) Its address. (`./file`) Its name. |',
    '| `path` | none | (`./file`) The file. |',
  ]
  expect(read()).toBe(document('ServerOptions, FileOptions', [head, line, ...rows].join('\n')))
})

it('refuses one table for types with different defaults', () => {
  writeEntries(ENTRIES.replace('@default 1', '@default 2'))
  write('ServerOptions, FileOptions', '')
  expect(() => optionProblems(root)).toThrow(/pauseMs has different defaults/)
})

it('refuses two types of options with one name', () => {
  writeEntries(ENTRIES)
  writeFileSync(join(root, 'packages/wait/src/file.ts'), ENTRIES)
  expect(() => optionProblems(root)).toThrow(/Two types of options have the name ServerOptions/)
})

it('refuses a table that is written by hand', () => {
  write('PauseOptions', TABLE)
  writeFileSync(join(root, 'packages/wait/README.md'), `# wait\n\n${TABLE}\n`)
  expect(optionProblems(root)).toEqual([
    'packages/wait/README.md has a table of options without a marker. Put <!-- options: … --> before it.',
  ])
})

it.each([
  ['OtherOptions', /no function takes options of the type OtherOptions/],
  ['PauseOptions: pause', /PauseOptions has no option pause/],
])('refuses a marker with a name that does not exist: %s', (marker, sentence) => {
  write(marker, '')
  expect(() => optionProblems(root)).toThrow(sentence)
})

it('refuses an option without a doc comment', () => {
  writeFileSync(join(root, 'packages/wait/src/index.ts'), SOURCE.replace(/\/\*\* How long .*\n/, ''))
  write('PauseOptions', '')
  expect(() => optionProblems(root)).toThrow(/PauseOptions\.pauseMs has no doc comment/)
})
