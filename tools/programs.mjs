import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Failure, must, run, say } from './process.mjs'

/**
 * The first executable of these names on the PATH and in `more` folders, or `null`.
 *
 * @param {readonly string[]} names
 * @param {readonly string[]} more
 * @returns {string | null}
 */
export function findProgram(names, more = []) {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [...path, ...more]
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return null
}

/**
 * @typedef {object} Program
 * @property {readonly string[]} commands
 * @property {string} debian its package
 * @property {string} why
 * @property {number} [oldest] the first major version that will do
 */

/** Programs the tests need that npm cannot bring. */
const PROGRAMS = {
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debian: 'chromium',
    why: 'The browser tests drive it, and 150 does not bind a session to its device yet.',
    oldest: 156,
  },
  'redis-server': {
    commands: ['redis-server'],
    debian: 'redis-server',
    why: 'The tests of the Redis store start it.',
  },
  mariadbd: {
    commands: ['mariadbd'],
    debian: 'mariadb-server',
    why: 'The tests of the MySQL store start it.',
  },
  postgres: {
    commands: ['initdb'],
    debian: 'postgresql',
    why: 'The tests of the Postgres store start it.',
  },
  pgbouncer: {
    commands: ['pgbouncer'],
    debian: 'pgbouncer',
    why: 'The tests of the Postgres store start it before Postgres.',
  },
  nginx: {
    commands: ['nginx'],
    debian: 'nginx',
    why: 'The tests of the documented configurations start it.',
  },
  haproxy: {
    commands: ['haproxy'],
    debian: 'haproxy',
    why: 'The tests of the documented configurations start it.',
  },
  caddy: {
    commands: ['caddy'],
    debian: 'caddy',
    why: 'The tests of the documented configurations start it.',
  },
}

/** The browser of `pnpm test:firefox` only. */
const FIREFOX = {
  commands: ['firefox-esr'],
  debian: 'firefox-esr',
  why: 'The tests in Firefox drive it.',
}

/** Where Debian puts programs that are not on everybody's PATH. */
function serverFolders() {
  const postgres = '/usr/lib/postgresql'
  const versions = existsSync(postgres) ? readdirSync(postgres) : []
  return ['/usr/sbin', '/usr/local/sbin', ...versions.map((version) => join(postgres, version, 'bin'))]
}

/** The browser of the tests, or `null` when there is none. `CHROMIUM` names one that is elsewhere. */
export const findChromium = () => process.env['CHROMIUM'] ?? findProgram(PROGRAMS.chromium.commands)

/** Installs, where it can, the programs the tests need; otherwise fails with what to install. */
export async function providePrograms() {
  for (const [name, program] of Object.entries(PROGRAMS))
    if (whatIsWrong(name, program) !== null) await provideProgram(name, program)
}

/** The same for Firefox. `FIREFOX` names one that is elsewhere. */
export async function provideFirefox() {
  if (process.env['FIREFOX'] === undefined && whatIsWrong('firefox-esr', FIREFOX) !== null)
    await provideProgram('firefox-esr', FIREFOX)
}

/**
 * @param {string} name
 * @param {Program} program
 * @returns {string | null} a sentence, or `null` when the tests can use it
 */
function whatIsWrong(name, { commands, oldest }) {
  const path = name === 'chromium' ? findChromium() : findProgram(commands, serverFolders())
  if (path === null) return `${name} is missing.`
  if (oldest === undefined) return null
  const version = majorVersion(path)
  return version >= oldest ? null : `${name} ${version} is too old: the tests need ${oldest} or newer.`
}

/** @param {string} path */
function majorVersion(path) {
  const answer = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return Number(/(\d+)\./.exec(answer)?.[1] ?? 0)
}

/**
 * @param {string} name
 * @param {Program} program
 */
async function provideProgram(name, program) {
  const remedy = `Install ${name} (Debian: apt-get install ${program.debian}), or put it on the PATH. ${program.why}`
  const isRoot = process.getuid?.() === 0
  if (!isRoot || findProgram(['apt-get']) === null)
    throw new Failure(`${whatIsWrong(name, program)} ${remedy}`)
  say(`Installing ${name} with apt-get`)
  // RUNLEVEL: the tests start servers of their own; Debian's must not start with the package.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await run('apt-get', ['update', '-qq'], { env, quiet: true })
  await must(
    `${name} could not be installed by apt-get. ${remedy}`,
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', program.debian],
    { env, quiet: true },
  )
  const problem = whatIsWrong(name, program)
  if (problem !== null) throw new Failure(`${problem} ${remedy}`)
}
