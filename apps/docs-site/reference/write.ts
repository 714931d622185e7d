import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GENERATED, root } from '../.vitepress/pages.ts'
import { apiPages } from './api.ts'
import { endpointsPage } from './endpoints.ts'
import { listEntries, packageName, pageName } from './entries.ts'

/** Writes the pages that are made from the code; they are no part of the repository, so that they are never old. */
const entries = listEntries(root)
const pages = apiPages(entries)

rmSync(join(root, GENERATED), { recursive: true, force: true })
write('reference/endpoints.md', await endpointsPage())
for (const [entry, text] of pages) write(`reference/api/${pageName(entry)}.md`, text)
write(
  'reference/api/index.md',
  [
    '# API',
    'Everything that the packages export, made from their doc comments. [Configuration](/configuration) explains the options in their context.',
    '| Entry | Exports |\n| - | - |',
  ].join('\n\n') +
    `\n${[...pages].map(([entry, text]) => `| [${packageName(entry.entry)}](/reference/api/${pageName(entry)}) | ${exportsOf(text)} |`).join('\n')}\n`,
)

/** The names of a page's functions, and how many types there are. */
function exportsOf(text: string): string {
  const [values = '', types = ''] = text.split('\n## Types\n')
  const names = [...values.matchAll(/^### (\w+)$/gm)].map(([, name]) => `\`${name}\``)
  const count = types.match(/^### /gm)?.length ?? 0
  return [names.join(', '), count === 0 ? '' : `${count} types`].filter((part) => part !== '').join(' · ')
}

function write(page: string, text: string): void {
  const path = join(root, GENERATED, page)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
