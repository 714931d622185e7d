import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Who runs a server; empty: whoever runs us. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** Database servers refuse to run as root: then they run as their own user. */
export function accountFor(user: string): Account {
  if (process.getuid?.() !== 0) return {}
  const ask = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
  return { uid: ask('-u'), gid: ask('-g') }
}

/** The given folder, made when there is none, or a new temporary one; the account's own. */
export function makeFolder(kept: string | undefined, { uid, gid }: Account): string {
  const folder = kept === undefined ? mkdtempSync(join(tmpdir(), 'bff-server-')) : resolve(kept)
  mkdirSync(folder, { recursive: true })
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
  return folder
}

export function run(program: string, args: readonly string[], account: Account, cwd: string): void {
  execFileSync(program, args, {
    ...account,
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: cwd },
  })
}
