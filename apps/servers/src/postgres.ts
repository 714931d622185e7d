import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { accountFor, makeFolder, run } from './account.ts'
import { launch, type Server, type ServerOptions } from './launch.ts'
import { freePort, HOST } from './port.ts'
import { findPostgres } from './programs.ts'

const MAX_DUMP_BYTES = 64e6

/**
 * Starts Postgres, sorting by an ICU locale as most real databases do. `settings`, as `name=value`, win over ours.
 *
 * @throws MissingProgram
 */
export async function startPostgres(
  settings: readonly string[] = [],
  { folder: kept }: ServerOptions = {},
): Promise<Server> {
  const bin = findPostgres()
  const account = accountFor('postgres')
  const folder = makeFolder(kept, account)
  const data = join(folder, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const locale = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
    const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', ...locale]
    run(join(bin, 'initdb'), init, account, folder)
  }
  const port = await freePort()
  const options = [
    `port=${port}`,
    `listen_addresses=${HOST}`,
    'unix_socket_directories=',
    'shared_buffers=32MB',
    ...(kept === undefined ? ['fsync=off'] : []),
    ...settings,
  ]
  return launch({
    url: `postgres://postgres@${HOST}:${port}/postgres`,
    folder,
    keep: kept !== undefined,
    program: join(bin, 'postgres'),
    args: ['-D', data, ...options.flatMap((option) => ['-c', option])],
    ready: /ready to accept connections/,
    account,
    stopSignal: 'SIGINT',
  })
}

/** All that `pg_dump` writes of a database. */
export function dumpPostgres(url: string): string {
  const options = { encoding: 'utf8', maxBuffer: MAX_DUMP_BYTES } as const
  return execFileSync(join(findPostgres(), 'pg_dump'), [url], options)
}
