import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** A server's program is not on this machine; the message says how it gets there. */
export class MissingProgram extends Error {
  override readonly name = 'MissingProgram'

  constructor(program: string, debianPackage: string) {
    super(`${program} is not installed. Install it with: apt-get install -y ${debianPackage}`)
  }
}

/** @throws MissingProgram */
export function findProgram(name: string, debianPackage: string): string {
  const folders = [...pathFolders(), '/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin']
  const found = folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
  if (found === undefined) throw new MissingProgram(name, debianPackage)
  return found
}

/**
 * The folder of the newest Postgres; Debian keeps each version in one of its own.
 *
 * @throws MissingProgram
 */
export function findPostgres(): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(root, version, 'bin')), ...pathFolders()]
  const found = folders.find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
  if (found === undefined) throw new MissingProgram('postgres', 'postgresql')
  return found
}

const pathFolders = () => (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
