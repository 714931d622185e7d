import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { Failure, must, run, say } from './process.mjs'

/**
 * The first executable of these names on the PATH, or `null`.
 *
 * @param {readonly string[]} names
 * @returns {string | null}
 */
export function findProgram(names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
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
}

/** The browser of the tests, or `null` when there is none. `CHROMIUM` names one that is elsewhere. */
export const findChromium = () => process.env['CHROMIUM'] ?? findProgram(PROGRAMS.chromium.commands)

/** Installs, where it can, the programs the tests need; otherwise fails with what to install. */
export async function providePrograms() {
  if (findChromium() === null) await provideProgram('chromium', PROGRAMS.chromium)
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
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['update', '-qq'], { env, quiet: true })
  await must(
    `${name} could not be installed by apt-get. ${remedy}`,
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', program.debian],
    { env, quiet: true },
  )
  if (findProgram(program.commands) === null) throw new Failure(`${name} is still missing. ${remedy}`)
}
