import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accountFor, makeFolder } from './account.ts'
import { launch, type Server } from './launch.ts'
import { freePort, HOST } from './port.ts'
import { findProgram } from './programs.ts'

/**
 * Starts PgBouncer in transaction mode before this Postgres: each transaction of a client may run on another connection.
 *
 * @throws MissingProgram
 */
export async function startPgbouncer(postgres: string): Promise<Server> {
  const program = findProgram('pgbouncer', 'pgbouncer')
  const account = accountFor('postgres')
  const folder = makeFolder(undefined, account)
  const port = await freePort()
  const target = new URL(postgres)
  const config = join(folder, 'pgbouncer.ini')
  writeFileSync(
    config,
    `[databases]
* = host=${target.hostname} port=${target.port} user=${target.username}
[pgbouncer]
listen_addr = ${HOST}
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout,tcp_keepalives_idle,tcp_keepalives_interval,tcp_keepalives_count
`,
  )
  target.port = String(port)
  return launch({
    url: target.href,
    folder,
    keep: false,
    program,
    args: [config],
    ready: /process up: PgBouncer/i,
    account,
    stopSignal: 'SIGTERM',
  })
}
