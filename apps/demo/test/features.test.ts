import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { FEATURES } from '../public/panels/features.js'
import { startDocuments } from '../src/documents.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const unindented = (text: string) => text.replaceAll(/^ +/gm, '')

it('The code that a panel shows is in the file that it names', () => {
  const shown = Object.values(FEATURES).flatMap(({ code }) => Object.values(code).flat())
  expect(shown.length).toBeGreaterThan(6)
  const elsewhere = shown.filter(
    ({ file, lines }) => !unindented(readFileSync(join(ROOT, file), 'utf8')).includes(unindented(lines)),
  )
  expect(elsewhere).toEqual([])
})

it('The documents that a panel names are served as pages, and nothing else of the machine is', async () => {
  const { origin, close } = await startDocuments()
  try {
    for (const { document } of Object.values(FEATURES)) {
      expect(existsSync(join(ROOT, document.file))).toBe(true)
      const response = await fetch(`${origin}/${document.file}`)
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ])
      expect(await response.text()).toContain('<h1>')
    }
    for (const path of [
      '/package.json',
      '/docs/..%2fpackage.json',
      '/docs/%2e%2e/package.json',
      '/docs/nothing.md',
      '/.git/config',
      '/docs/%ff',
    ])
      expect([path, (await fetch(origin + path)).status]).toEqual([path, 404])
  } finally {
    await close()
  }
})
