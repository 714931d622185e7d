import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** Where everything goes that a run fetches or builds. */
export const WORK = join(ROOT, '.tools/matrix')

export type RuntimeName = 'Node 22' | 'Node 24' | 'Node 26' | 'Bun' | 'Deno' | 'workerd'

/** A JavaScript runtime, from npm. */
export interface Runtime {
  readonly name: RuntimeName
  /** The package and version that npm installs. */
  readonly npm: Readonly<Record<string, string>>
  /** The program, relative to the `node_modules` of its install. */
  readonly program: string
  /** What comes before the file to run. */
  readonly args: readonly string[]
}

const { arch, platform } = process

const node = (version: string): Pick<Runtime, 'npm' | 'program' | 'args'> => {
  const name = `node-${platform === 'win32' ? 'win' : platform}-${arch}`
  return { npm: { [name]: version }, program: `${name}/bin/node`, args: [] }
}

export const RUNTIMES: readonly Runtime[] = [
  { name: 'Node 22', ...node('22.23.3') },
  { name: 'Node 24', ...node('24.21.0') },
  { name: 'Node 26', ...node('26.10.0') },
  { name: 'Bun', npm: { bun: '1.4.5' }, program: 'bun/bin/bun.exe', args: ['run'] },
  {
    name: 'Deno',
    npm: { deno: '2.9.6' },
    program: 'deno/deno',
    args: ['run', '--quiet', '--no-prompt', '--no-lock', '--allow-all'],
  },
  { name: 'workerd', npm: { workerd: '1.20261117.1' }, program: 'workerd/bin/workerd', args: ['serve'] },
]

/** The version of a runtime, as npm knows it. */
export const versionOf = ({ npm }: Runtime): string => Object.values(npm)[0] ?? ''

/** The absolute path of a runtime's program. */
export const programOf = ({ name, program }: Runtime): string => join(homeOf(name), 'node_modules', program)

const homeOf = (name: RuntimeName) => join(WORK, name.toLowerCase().replaceAll(' ', '-'))

/** Fetches a runtime into `.tools/matrix`, unless it is there. Its install scripts run: they put the program in place. */
export async function provide(runtime: Runtime, say: (line: string) => void): Promise<void> {
  const { name, npm } = runtime
  await install(homeOf(name), npm, `${name} (${versionOf(runtime)})`, say)
  if (existsSync(programOf(runtime))) return
  throw new Error(
    `npm installed ${name} without its program: the package has none for ${platform}-${arch}. Choose others with --runtime.`,
  )
}

/** Native drivers whose binaries the workspace has for its own Node only: the programs find these beside them. */
const DRIVERS = { '@libsql/client': '0.18.0', 'better-sqlite3': '13.2.0' }

export const provideDrivers = (say: (line: string) => void): Promise<void> =>
  install(WORK, DRIVERS, 'the native drivers', say)

async function install(
  home: string,
  dependencies: Readonly<Record<string, string>>,
  what: string,
  say: (line: string) => void,
): Promise<void> {
  const stamp = join(home, 'installed')
  const manifest = `${JSON.stringify({ private: true, dependencies })}\n`
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return
  say(`Fetching ${what} into .tools/matrix`)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), manifest)
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  try {
    await promisify(execFile)('npm', args, { cwd: home })
  } catch (cause) {
    throw new Error(
      `npm could not fetch ${what}. Check the connection to the npm registry and run the command again.`,
      { cause },
    )
  }
  writeFileSync(stamp, manifest)
}
