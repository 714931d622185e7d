import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SQLITE_MIGRATIONS } from '../src/sqlite/migrations.ts'

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

test('The migrations are those that @bff/store-drizzle ships, byte for byte', () => {
  for (const engine of ['postgres', 'mysql', 'sqlite']) {
    const [own, drizzle] = [
      folder(`store-sql/migrations/${engine}`),
      folder(`store-drizzle/drizzle/${engine}`),
    ]
    const names = readdirSync(own)
    expect(names).toEqual(readdirSync(drizzle).filter((name) => name.endsWith('.sql')))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names)
      expect(readFileSync(`${own}/${name}`, 'utf8'), name).toBe(readFileSync(`${drizzle}/${name}`, 'utf8'))
  }
})

test('A Durable Object applies the migrations of SQLite, byte for byte', () => {
  const files = folder('store-sql/migrations/sqlite')
  const texts = readdirSync(files)
    .sort()
    .map((name) => readFileSync(`${files}/${name}`, 'utf8'))
  expect(SQLITE_MIGRATIONS).toEqual(texts)
})
