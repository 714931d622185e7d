import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, root } from './process.mjs'

const DRIZZLE = 'packages/store-drizzle'
const SQL = 'packages/store-sql'
const DIALECTS = { postgres: 'postgresql', mysql: 'mysql', sqlite: 'sqlite' }
const TEXTS = `${SQL}/src/sqlite/migrations.ts`

/**
 * Writes a migration for what has changed in the tables of `@bff/store-drizzle`, and gives `@bff/store-sql` a copy of all:
 * as files, and as text for a runtime without files.
 *
 * @param {string} name of the migration, such as `device_key`
 */
export async function updateMigrations(name) {
  const folder = join(root, DRIZZLE)
  const kit = join(folder, 'node_modules/drizzle-kit/bin.cjs')
  for (const [engine, dialect] of Object.entries(DIALECTS)) {
    const source = ['--schema', `src/${engine}/schema.ts`, '--out', `drizzle/${engine}`]
    await must(
      `drizzle-kit could not write the migration for ${engine}. Correct the schema, and run this again.`,
      process.execPath,
      ['--conditions=@bff/source', kit, 'generate', '--dialect', dialect, ...source, '--name', name],
      { cwd: folder },
    )
    copy(engine)
  }
  writeFileSync(join(root, TEXTS), sqliteTexts())
}

/** @param {string} engine */
function copy(engine) {
  cpSync(join(root, DRIZZLE, 'drizzle', engine), join(root, SQL, 'migrations', engine), {
    recursive: true,
    filter: (path) => !path.endsWith('meta'),
  })
}

/** The source of the SQLite migrations as text. */
export function sqliteTexts() {
  const folder = join(root, SQL, 'migrations/sqlite')
  const texts = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll(/[\\`]|\$\{/g, '\\$&'))
  return `/**
 * The files in migrations/sqlite, for a runtime without files. \`pnpm migrations:update\` writes them.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
${texts.map((text) => `  \`${text}\`,\n`).join('')}]
`
}
