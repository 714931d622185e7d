import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@bff/core'

/** A database server of the test's own, on a free port of the loopback interface, in a temporary folder. */
export interface Server {
  readonly url: string
  /** Sends a signal to the server's first process. */
  signal(signal: NodeJS.Signals): void
  /** Kills it as a crash would, and resolves when it is gone. */
  crash(): Promise<void>
  /** Starts it again on the same data and port. */
  start(): Promise<void>
  /** Stops it and removes its folder. */
  stop(): Promise<void>
}

interface Recipe {
  readonly url: string
  readonly folder: string
  readonly program: string
  readonly args: readonly string[]
  readonly ready: RegExp
  readonly account: Account
  readonly stopSignal: NodeJS.Signals
}

/** Starts Postgres; `locale` is an ICU locale to sort by, as most real databases do. */
export async function startPostgres(settings: readonly string[] = []): Promise<Server> {
  const bin = findPostgres()
  const account = accountFor('postgres')
  const folder = makeFolder('bff-postgres-', account)
  const data = join(folder, 'data')
  const locale = ['--locale=C', '--locale-provider=icu', '--icu-locale=en-US']
  const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', ...locale]
  run(join(bin, 'initdb'), init, account, folder)
  const port = await freePort()
  const options = [
    `port=${port}`,
    `listen_addresses=127.0.0.1`,
    'fsync=off',
    'shared_buffers=32MB',
    ...settings,
  ]
  const server = await launch({
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    folder,
    program: join(bin, 'postgres'),
    args: ['-D', data, '-k', folder, ...options.flatMap((option) => ['-c', option])],
    ready: /ready to accept connections/,
    account,
    stopSignal: 'SIGINT',
  })
  return server
}

/** All that `pg_dump` writes of a database. */
export function dumpPostgres(url: string): string {
  return execFileSync(join(findPostgres(), 'pg_dump'), [url], { encoding: 'utf8', maxBuffer: 64e6 })
}

/** All that `mariadb-dump` writes of a database. */
export function dumpMariadb(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  const program = findProgram('mariadb-dump', ['/usr/bin', '/usr/local/bin'], 'mariadb-client')
  const args = ['--no-defaults', '-uroot', `-h${hostname}`, `-P${port}`, pathname.slice(1)]
  return execFileSync(program, args, { encoding: 'latin1', maxBuffer: 64e6 })
}

export async function startMariadb(): Promise<Server> {
  const program = findProgram('mariadbd', ['/usr/sbin', '/usr/local/sbin', '/usr/bin'], 'mariadb-server')
  const install = findProgram('mariadb-install-db', ['/usr/bin', '/usr/local/bin'], 'mariadb-server')
  const account = accountFor('mysql')
  const folder = makeFolder('bff-mariadb-', account)
  const data = join(folder, 'data')
  const root = ['--auth-root-authentication-method=normal', '--skip-test-db']
  run(install, ['--no-defaults', `--datadir=${data}`, ...root], account, folder)
  const port = await freePort()
  return launch({
    url: `mysql://root@127.0.0.1:${port}/mysql`,
    folder,
    program,
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(folder, 'socket')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--innodb-flush-log-at-trx-commit=2',
      '--skip-name-resolve',
    ],
    ready: /ready for connections/,
    account,
    stopSignal: 'SIGTERM',
  })
}

async function launch(recipe: Recipe): Promise<Server> {
  const { url, folder, program, args, account, stopSignal } = recipe
  let child: ChildProcess
  const gone = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve()
      else child.once('exit', () => resolve())
    })
  const start = async (attempts = 50): Promise<void> => {
    child = spawn(program, args, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      await untilReady(child, recipe)
    } catch (error) {
      // After a crash the backends of the former server may take a moment to notice and go.
      if (attempts === 0) throw error
      await systemClock.sleep(100)
      await start(attempts - 1)
    }
  }
  // A test run that is cut short takes its servers along.
  process.once('exit', () => child.kill('SIGKILL'))
  await start(0)
  return {
    url,
    signal: (signal) => void child.kill(signal),
    async crash() {
      child.kill('SIGKILL')
      await gone()
    },
    start: () => start(),
    async stop() {
      child.kill('SIGCONT')
      child.kill(stopSignal)
      await gone()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function untilReady(child: ChildProcess, { program, ready }: Recipe): Promise<void> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)))
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-8000)
      if (ready.test(said)) resolve()
    })
  })
}

interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Database servers refuse to run as root: then they run as their own user. */
function accountFor(user: string): Account {
  if (process.getuid?.() !== 0) return {}
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

function makeFolder(prefix: string, { uid, gid }: Account): string {
  const folder = mkdtempSync(join(tmpdir(), prefix))
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

function run(program: string, args: readonly string[], account: Account, cwd: string): void {
  execFileSync(program, args, {
    ...account,
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: cwd },
  })
}

function findPostgres(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...pathFolders()]
  const found = folders.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
  if (found === undefined) throw missing('postgres', 'postgresql')
  return found
}

function findProgram(name: string, folders: readonly string[], packageName: string): string {
  const found = [...folders, ...pathFolders()]
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
  if (found === undefined) throw missing(name, packageName)
  return found
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
}

function missing(name: string, packageName: string): Error {
  return new Error(`These tests need ${name}, which is not installed. Run: apt-get install -y ${packageName}`)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
