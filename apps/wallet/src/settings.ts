import { randomUUID } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createEncryptor, generateEncryptionKey } from '@bff/core'
import { exportPKCS8, generateKeyPair } from 'jose'
import { madeFrom, StartError } from './start-error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says, with a default for everything that has a safe one. */
export interface Settings {
  readonly port: number
  readonly host: string
  /** What people see in their wallet, and `iss` of tokens. */
  readonly origin: string
  /** Where SQLite, and what was made at the first start, is kept. */
  readonly folder: string
  /** `null`: SQLite in the folder. */
  readonly redisUrl: string | null
  /** Replicas of Redis that must have a sign-out before it is acknowledged; 0: none. */
  readonly redisReplicas: number
  readonly chainIds: readonly number[]
  readonly rpcUrl: string | null
  readonly reuseGraceMs: number
  /** The domain of EIP-712 signatures; `null`: they are not accepted. */
  readonly typedData: {
    readonly name: string
    readonly version: string
    readonly verifyingContract: string
  } | null
  /** Addresses and networks of the reverse proxies in front, whose `X-Forwarded-For` counts. */
  readonly trustedProxies: readonly string[]
}

/** @throws StartError naming the variable */
export function settingsOf(env: Environment): Settings {
  const port = numberOf(env, 'PORT', 8080, 65_535)
  return {
    port,
    host: env['HOST'] ?? 'localhost',
    origin: env['ORIGIN'] ?? `http://localhost:${port}`,
    folder: env['WALLET_FOLDER'] ?? '.wallet',
    redisUrl: env['REDIS_URL'] ?? null,
    redisReplicas: numberOf(env, 'REDIS_REPLICAS', 0, 100),
    chainIds: chainIdsOf(env),
    rpcUrl: env['RPC_URL'] ?? null,
    reuseGraceMs: numberOf(env, 'REUSE_GRACE_MS', 0, 60_000),
    typedData: typedDataOf(env),
    trustedProxies: env['TRUSTED_PROXIES']?.split(',').map((text) => text.trim()) ?? [],
  }
}

/**
 * The keys of tokens, newest first: the PEMs in the file `SIGNING_KEYS_FILE` names. On this machine one is made at the
 * first start and kept in the folder.
 *
 * @throws StartError
 */
export async function signingKeysOf(env: Environment, { origin, folder }: Settings): Promise<string[]> {
  const given = env['SIGNING_KEYS_FILE']
  if (given === undefined && !isLocal(origin))
    throw new StartError('SIGNING_KEYS_FILE must name a file of P-256 keys as PEM, the newest first.')
  const file = given ?? join(folder, 'signing-key.pem')
  if (given === undefined && !existsSync(file)) {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    keep(folder, file, await exportPKCS8(privateKey))
  }
  const pems = readOrExplain(file, 'SIGNING_KEYS_FILE').match(/-----BEGIN [\s\S]+?-----END [A-Z ]+-----/g)
  if (pems === null) throw new StartError(`${file} holds no key as PEM.`)
  return pems
}

/** The key that seals what is kept: `ENCRYPTION_KEY`, or on this machine one made at the first start. @throws StartError */
export function encryptionKeyOf(env: Environment, { origin, folder }: Settings): string {
  const given = env['ENCRYPTION_KEY']
  if (given !== undefined) {
    madeFrom('ENCRYPTION_KEY', () => createEncryptor({ keys: [given] }))
    return given
  }
  if (!isLocal(origin))
    throw new StartError('ENCRYPTION_KEY must be 32 bytes as base64. Make it with: openssl rand -base64 32')
  const file = join(folder, 'encryption-key')
  if (!existsSync(file)) keep(folder, file, `${generateEncryptionKey()}\n`)
  return readFileSync(file, 'utf8').trim()
}

const isLocal = (origin: string) => origin.startsWith('http://localhost')

function numberOf(env: Environment, name: string, fallback: number, max: number): number {
  const value = env[name] === undefined ? fallback : Number(env[name])
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw new StartError(`${name} must be a whole number from 0 to ${max}.`)
}

function typedDataOf(env: Environment): Settings['typedData'] {
  const { TYPED_DATA_NAME: name, TYPED_DATA_CONTRACT: verifyingContract } = env
  if (name === undefined && verifyingContract === undefined) return null
  if (name === undefined || verifyingContract === undefined)
    throw new StartError('TYPED_DATA_NAME and TYPED_DATA_CONTRACT go together: set both, or neither.')
  return { name, version: env['TYPED_DATA_VERSION'] ?? '1', verifyingContract }
}

function chainIdsOf(env: Environment): number[] {
  const ids = (env['CHAIN_IDS'] ?? '1').split(',').map(Number)
  if (ids.every((id) => Number.isSafeInteger(id) && id > 0)) return ids
  throw new StartError('CHAIN_IDS must be whole numbers above zero, separated by commas.')
}

/** Only its owner may read it. It appears whole, and of two who start at once the first has made it. */
function keep(folder: string, file: string, content: string): void {
  mkdirSync(folder, { recursive: true })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, content, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
}

function readOrExplain(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new StartError(`The file ${file} cannot be read. ${variable} names it.`)
  }
}
