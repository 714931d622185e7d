import { readdirSync, readFileSync } from 'node:fs'
// Not by name: the banner that bundles of Node need declares `createRequire`.
import module from 'node:module'
import { dirname, join } from 'node:path'
import { isBffError } from '@bff/core'
import { readFlags, storeAddress } from './flags.ts'
import { openStore } from './open-store.ts'
import { CommandFailed, type ExitCode, jsonText, type Output, WrongArguments } from './output.ts'

const ENGINES = ['postgres', 'mysql', 'sqlite']

/** Prints the SQL of the tables, or checks that a database has them. */
export async function schema(args: readonly string[], output: Output): Promise<ExitCode> {
  const { flags, words } = readFlags(args, { store: 'string', json: 'boolean' })
  const [action, engine = '', ...more] = words
  if (action === 'sql' && ENGINES.includes(engine) && more.length === 0) {
    output.out(sqlOf(engine))
    return 0
  }
  if (action === 'check' && engine === '') return check(storeAddress(flags.store), flags, output)
  throw new WrongArguments(`bff schema can: sql ${ENGINES.join('|')}, check --store <address>.`)
}

/** The migrations of the package, one after the other. */
function sqlOf(engine: string): string {
  const folder = join(folderOf('@bff/store-sql'), 'migrations', engine)
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => `-- ${name}\n${readFileSync(join(folder, name), 'utf8').trim()}\n`)
    .join('\n')
}

function folderOf(name: string): string {
  try {
    return dirname(module.createRequire(import.meta.url).resolve(`${name}/package.json`))
  } catch {
    throw new CommandFailed(`${name} is missing. Install it beside @bff/cli: npm install ${name}`)
  }
}

async function check(address: string, { json }: { json?: boolean }, { out }: Output): Promise<ExitCode> {
  const stores = await openStore(address)
  try {
    if (stores.check === undefined) throw new WrongArguments('Redis has no schema. Name a SQL database.')
    const problem = await stores.check().then(
      () => null,
      (error: unknown) => {
        if (isBffError(error, 'invalid_config')) return error.message
        throw error
      },
    )
    if (json) out(jsonText({ ok: problem === null, problem }))
    else out(problem ?? 'The database has every table, column and index.')
    return problem === null ? 0 : 1
  } finally {
    await stores.sessions.close()
  }
}
