import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateEncryptionKey } from '@bff/core'
import { DEFAULT_STORE, type OpenStore, openStore } from './stores.ts'

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_FOLDER = fileURLToPath(new URL('../../../.demo', import.meta.url))

/** Where the demo keeps what must outlive a restart. */
const folderOf = (env: Environment) => env['DEMO_FOLDER'] ?? DEFAULT_FOLDER

/** @throws StartError as `openStore` */
export const storeOf = (env: Environment): Promise<OpenStore> =>
  openStore(env['DEMO_STORE'] ?? DEFAULT_STORE, folderOf(env), env)

/** The key that seals sessions, and where it is. It is made at the first start, for a session needs it later too. */
export function encryptionKeyOf(env: Environment): { readonly key: string; readonly place: string } {
  const given = env['DEMO_ENCRYPTION_KEY']
  if (given !== undefined) return { key: given, place: 'from DEMO_ENCRYPTION_KEY' }
  const folder = folderOf(env)
  const file = join(folder, 'encryption-key')
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(file, `${generateEncryptionKey()}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return { key: readFileSync(file, 'utf8').trim(), place: `in ${file}` }
}
