import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
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

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'options-'))
  mkdirSync(join(root, 'docs'))
  mkdirSync(join(root, 'packages/wait/src'), { recursive: true })
  cpSync(join(workspace, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'))
  const manifest = { exports: { '.': { '@bff/source': './src/index.ts' } } }
  writeFileSync(join(root, 'packages/wait/package.json'), JSON.stringify(manifest))
  writeFileSync(join(root, 'packages/wait/README.md'), 'No tables.\n')
  writeFileSync(join(root, 'packages/wait/src/index.ts'), SOURCE)
})

afterAll(() => rmSync(root, { recursive: true }))

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
