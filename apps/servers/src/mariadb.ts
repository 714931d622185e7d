import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { accountFor, makeFolder, run } from './account.ts'
import { launch, type Server, type ServerOptions } from './launch.ts'
import { freePort, HOST } from './port.ts'
import { findProgram } from './programs.ts'

const MAX_DUMP_BYTES = 64e6

/**
 * Starts MariaDB. `settings` are arguments and win over ours.
 *
 * @throws MissingProgram
 */
export async function startMariadb(
  settings: readonly string[] = [],
  { folder: kept }: ServerOptions = {},
): Promise<Server> {
  const program = findProgram('mariadbd', 'mariadb-server')
  const install = findProgram('mariadb-install-db', 'mariadb-server')
  const account = accountFor('mysql')
  const folder = makeFolder(kept, account)
  const data = join(folder, 'data')
  // Its own: a starting server removes the temporary tables of every other in the same folder.
  const temporary = makeFolder(join(folder, 'tmp'), account)
  const places = ['--no-defaults', `--datadir=${data}`, `--tmpdir=${temporary}`]
  if (!existsSync(join(data, 'mysql'))) {
    const root = ['--auth-root-authentication-method=normal', '--skip-test-db']
    run(install, [...places, ...root], account, folder)
  }
  const port = await freePort()
  return launch({
    url: `mysql://root@${HOST}:${port}/mysql`,
    folder,
    keep: kept !== undefined,
    program,
    args: [
      ...places,
      // In the data folder: a whole path may be longer than a socket's may be.
      '--socket=socket',
      `--bind-address=${HOST}`,
      `--port=${port}`,
      '--skip-name-resolve',
      ...(kept === undefined ? ['--innodb-flush-log-at-trx-commit=2'] : []),
      ...settings,
    ],
    ready: /ready for connections/,
    account,
    stopSignal: 'SIGTERM',
  })
}

/** All that `mariadb-dump` writes of a database. */
export function dumpMariadb(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  const program = findProgram('mariadb-dump', 'mariadb-client')
  const args = ['--no-defaults', '-uroot', `-h${hostname}`, `-P${port}`, pathname.slice(1)]
  return execFileSync(program, args, { encoding: 'latin1', maxBuffer: MAX_DUMP_BYTES })
}
