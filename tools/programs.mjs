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

/** Programs the tests need that npm cannot bring. */
const PROGRAMS = {
  chromium: {
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    debian: 'chromium',
    why: 'The browser test drives it.',
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
    if (find(name, program) === null) await provideProgram(name, program)
}

/**
 * @param {string} name
 * @param {{ commands: readonly string[] }} program
 */
function find(name, { commands }) {
  return name === 'chromium' ? findChromium() : findProgram(commands, serverFolders())
}

/**
 * @param {string} name
 * @param {{ commands: readonly string[], debian: string, why: string }} program
 */
async function provideProgram(name, program) {
  const remedy = `Install ${name} (Debian: apt-get install ${program.debian}), or put it on the PATH. ${program.why}`
  const isRoot = process.getuid?.() === 0
  if (!isRoot || findProgram(['apt-get']) === null) throw new Failure(`${name} is missing. ${remedy}`)
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
  if (find(name, program) === null) throw new Failure(`${name} is still missing. ${remedy}`)
}
