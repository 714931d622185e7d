import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './account.ts'
import { launch, type Server, type ServerOptions } from './launch.ts'
import { freePort, HOST } from './port.ts'
import { findProgram } from './programs.ts'

export interface RedisServer extends Server {
  readonly host: string
  readonly port: number
}

export interface RedisServerOptions extends ServerOptions {
  /** The configuration file; nothing is said then about keeping data. @default none */
  readonly config?: string
}

/**
 * Starts `redis-server`. `settings` are arguments and win over ours.
 *
 * @throws MissingProgram
 */
export async function startRedis(
  settings: readonly string[] = [],
  { folder: kept, config }: RedisServerOptions = {},
): Promise<RedisServer> {
  const program = findProgram('redis-server', 'redis-server')
  const folder = makeFolder(kept, {})
  const file = join(folder, 'redis.conf')
  await writeFile(file, config ?? '')
  const port = await freePort()
  const durability = ['--save', '', '--appendonly', kept === undefined ? 'no' : 'yes']
  const server = await launch({
    url: `redis://${HOST}:${port}`,
    folder,
    keep: kept !== undefined,
    program,
    args: [
      file,
      ...['--port', String(port), '--bind', HOST, '--dir', folder, '--daemonize', 'no'],
      ...(config === undefined ? durability : []),
      ...settings,
    ],
    ready: /[Rr]eady to accept connections|Running mode=sentinel/,
    account: {},
    stopSignal: kept === undefined ? 'SIGKILL' : 'SIGTERM',
  })
  return Object.assign(server, { host: HOST, port })
}
