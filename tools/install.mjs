import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'
import { must, root, say } from './process.mjs'
import { findProgram } from './programs.mjs'

const STAMP = join(root, 'node_modules/.installed-for')

/** The version pinned as `packageManager` in package.json. */
function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return /^pnpm@([^+]+)/.exec(packageManager)?.[1] ?? 'latest'
}

/** Puts the pinned pnpm first on the PATH; turbo and the package scripts call it by name. */
async function providePnpm() {
  const version = pinnedPnpm()
  if (process.env['npm_config_user_agent']?.startsWith(`pnpm/${version} `) && findProgram(['pnpm'])) return
  const home = join(root, '.tools/pnpm')
  const folder = join(home, 'node_modules/.bin')
  process.env['PATH'] = `${folder}${delimiter}${process.env['PATH'] ?? ''}`
  if (installedPnpm(home) === version) return
  say(`Fetching pnpm ${version} into .tools/`)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
  await must(
    'npm could not fetch pnpm. Check the connection to the npm registry and try again.',
    'npm',
    ['install', '--no-audit', '--no-fund', '--loglevel=error', `pnpm@${version}`],
    // Not --prefix, which would also hide the machine's own npmrc.
    { cwd: home },
  )
}

/** @param {string} home */
function installedPnpm(home) {
  const manifest = join(home, 'node_modules/pnpm/package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null
}

/** Sets what every command below needs in its environment. */
function prepareEnvironment() {
  Object.assign(process.env, {
    TURBO_TELEMETRY_DISABLED: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    npm_config_update_notifier: 'false',
  })
  // pnpm does not hand an .npmrc's `nodedir` to node-gyp, which would then fetch headers that are here already.
  const prefix = resolve(dirname(process.execPath), '..')
  if (existsSync(join(prefix, 'include/node/node_api.h'))) process.env['npm_config_nodedir'] ??= prefix
}

/** What the installed dependencies must match: the lockfile, its settings and the platform's Node. */
function wantedState() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']) {
    hash.update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

/** Makes pnpm and the dependencies ready; does nothing when they are. */
export async function provideDependencies() {
  prepareEnvironment()
  await providePnpm()
  const wanted = wantedState()
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return
  say('Installing dependencies')
  await must(
    'The dependencies could not be installed. When package.json changed, run `pnpm install` and commit pnpm-lock.yaml.',
    'pnpm',
    ['install', '--frozen-lockfile'],
    // CI: never ask before replacing a node_modules of another pnpm.
    { env: { ...process.env, CI: 'true' } },
  )
  writeFileSync(STAMP, wanted)
}
