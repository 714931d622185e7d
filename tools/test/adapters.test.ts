import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { listFiles } from '../packages.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))

it('An adapter has at most eighty lines of code: what adapters share is in @bff/core/web and @bff/node', () => {
  const adapters = listFiles(root, 'packages', ['-bff.ts']).filter(
    (file) => file.includes('/src/') && !file.includes('/test/'),
  )
  expect(adapters.length).toBeGreaterThanOrEqual(7)
  const lengths = adapters.map((file) => {
    const lines = readFileSync(join(root, file), 'utf8').split('\n')
    return { file, lines: lines.filter((line) => !/^\s*(\*|\/\*|\/\/|$)/.test(line)).length }
  })
  expect(lengths.filter(({ lines }) => lines > 80)).toEqual([])
})

it.each([
  'README.md',
  'docs/index.md',
  'docs/llms.txt',
  'docs/SKILL.md',
  'docs/guides/server-rendered-app.md',
])('%s names the package of every framework', (document) => {
  const text = readFileSync(join(root, document), 'utf8')
  const adapters = listFiles(root, 'packages', ['-bff.ts']).flatMap(
    (file) => /^packages\/([^/]+)\/src\/\1-bff\.ts$/.exec(file)?.[1] ?? [],
  )
  expect(adapters.length).toBeGreaterThanOrEqual(7)
  expect(
    [...adapters, 'nest', 'node', 'nuxt'].filter(
      (name) => !new RegExp(`(?:packages|@bff)/${name}\\b`).test(text),
    ),
  ).toEqual([])
})
