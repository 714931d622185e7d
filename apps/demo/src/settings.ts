import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEncryptor, generateEncryptionKey, isBffError } from '@bff/core'
import { idpOptionsFrom } from '@bff/idp'
import { type ApiFailureMode, apiFailureFrom } from '@bff/orders-api'
import type { ProviderOptions } from '@bff/testing'
import { type Certificate, selfSignedCertificate } from './certificate.ts'
import { StartError } from './start-error.ts'
import { DEFAULT_STORE, type OpenStore, openStore } from './stores.ts'
import { generateWalletKey } from './wallet-key.ts'

type Environment = Readonly<Record<string, string | undefined>>

const DEFAULT_FOLDER = fileURLToPath(new URL('../../../.demo', import.meta.url))

/** Where the demo keeps what must outlive a restart. */
const folderOf = (env: Environment) => env['DEMO_FOLDER'] ?? DEFAULT_FOLDER

/** @throws StartError as `openStore` */
export const storeOf = (env: Environment): Promise<OpenStore> =>
  openStore(env['DEMO_STORE'] ?? DEFAULT_STORE, folderOf(env), env)

/**
 * The key that seals sessions, and where it is. It is made at the first start, for a session needs it later too.
 *
 * @throws StartError for a key that is none
 */
export function encryptionKeyOf(env: Environment): { readonly key: string; readonly place: string } {
  const given = env['DEMO_ENCRYPTION_KEY']
  if (given !== undefined)
    return { key: usable(given, 'DEMO_ENCRYPTION_KEY'), place: 'from DEMO_ENCRYPTION_KEY' }
  const { content, file } = keptFile(env, 'encryption-key', () => `${generateEncryptionKey()}\n`)
  return { key: usable(content.trim(), file), place: `in ${file}` }
}

function usable(key: string, place: string): string {
  try {
    createEncryptor({ keys: [key] })
    return key
  } catch (error) {
    throw isBffError(error, 'invalid_config') ? new StartError(`${place}: ${error.message}`) : error
  }
}

/** The key that signs the tokens of wallets, as PEM; made at the first start like the other. */
export const walletKeyOf = (env: Environment): string =>
  keptFile(env, 'wallet-key.pem', generateWalletKey).content

/** A file that only its owner may read, made where there is none: whole at once, for others may start meanwhile. */
function keptFile(env: Environment, name: string, make: () => string): { content: string; file: string } {
  const folder = folderOf(env)
  const file = join(folder, name)
  mkdirSync(folder, { recursive: true })
  if (!existsSync(file)) {
    const draft = `${file}.${randomUUID()}`
    writeFileSync(draft, make(), { mode: 0o600 })
    try {
      linkSync(draft, file)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      rmSync(draft)
    }
  }
  return { content: readFileSync(file, 'utf8'), file }
}

/**
 * The certificate of the app, made now, when the command has `--https`; else `undefined`.
 *
 * @throws StartError for another argument
 */
export function certificateOf(args: readonly string[]): Certificate | undefined {
  const [unknown] = args.filter((argument) => argument !== '--https')
  if (unknown !== undefined) throw new StartError(`There is no ${unknown}; the one argument is --https.`)
  return args.includes('--https') ? selfSignedCertificate() : undefined
}

/** How the provider behaves, by the `IDP_…` variables of its README. */
export const idpOptionsOf = (env: Environment): ProviderOptions => understood(() => idpOptionsFrom(env))

/** How the API fails, by `API_FAIL`. */
export const apiFailureOf = (env: Environment): ApiFailureMode => understood(() => apiFailureFrom(env))

function understood<Setting>(read: () => Setting): Setting {
  try {
    return read()
  } catch (error) {
    throw error instanceof Error ? new StartError(error.message) : error
  }
}
