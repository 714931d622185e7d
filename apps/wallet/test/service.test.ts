import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, startRedis } from '@bff/servers'
import { challengeMessage, signIn, walletClient } from '@bff/wallet/client'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, it, onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const MAIN = ['--import', 'tsx', '--conditions=@bff/source', 'apps/wallet/src/main.ts']
const PATIENCE_MS = 300_000

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'bff-wallet-service-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly ended: Promise<{ code: number | null; output: string; errors: string }>
  ready(): Promise<void>
}

async function start(environment: Record<string, string>): Promise<Started> {
  const port = Number(environment['PORT'] ?? (await freePort()))
  const child = spawn(process.execPath, MAIN, {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  let output = ''
  let errors = ''
  let heard = () => {}
  child.stdout.on('data', (chunk) => {
    output += String(chunk)
    heard()
  })
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, output, errors }))
  const ready = () =>
    new Promise<void>((resolve, reject) => {
      heard = () => {
        if (output.includes('\nready ')) resolve()
      }
      heard()
      void ended.then(() => reject(new Error(`It ended: ${output}${errors}`)))
    })
  return { child, url: `http://localhost:${port}`, ended, ready }
}

const ethereumOf = (account = privateKeyToAccount(generatePrivateKey())) => ({
  async request({ method, params = [] }: { method: string; params?: readonly unknown[] }) {
    if (method === 'eth_requestAccounts') return [account.address]
    return account.signMessage({ message: { raw: params[0] as `0x${string}` } })
  },
})

const me = async (url: string, token: string) =>
  (await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status

it('two instances on one Redis and one key are one service [S4-31]', { timeout: PATIENCE_MS }, async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const environment = {
    WALLET_FOLDER: temporaryFolder(),
    REDIS_URL: redis.url,
    ORIGIN: 'http://localhost:8080',
  }
  const one = await start(environment)
  await one.ready()
  const other = await start(environment)
  await other.ready()
  const [here, there] = [walletClient({ url: one.url }), walletClient({ url: other.url })]
  const account = privateKeyToAccount(generatePrivateKey())
  const challenge = await here.challenge({ address: account.address })
  const signature = await account.signMessage({ message: challengeMessage(challenge) })
  const first = await there.login(challenge, signature, account.address)
  await expect(here.login(challenge, signature, account.address)).rejects.toMatchObject({ status: 401 })
  expect(await me(one.url, first.accessToken)).toBe(200)
  const next = await here.refresh(first.refreshToken)
  await there.logout(next.refreshToken, next.accessToken)
  expect(await me(one.url, next.accessToken)).toBe(401)
})

it('takes EIP-712 signatures of the domain its environment names, and behind a proxy limits each client alone', {
  timeout: PATIENCE_MS,
}, async () => {
  const verifyingContract = '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC'
  const { url, ready } = await start({
    WALLET_FOLDER: temporaryFolder(),
    TYPED_DATA_NAME: 'Barong',
    TYPED_DATA_CONTRACT: verifyingContract,
    TRUSTED_PROXIES: '127.0.0.0/8, ::1/128',
  })
  await ready()
  const client = walletClient({ url })
  const account = privateKeyToAccount(generatePrivateKey())
  const challenge = await client.challenge({ address: account.address })
  const { nonce } = JSON.parse(Buffer.from(challenge.split('.')[1] ?? '', 'base64url').toString())
  const signature = await account.signTypedData({
    domain: { name: 'Barong', version: '1', chainId: 1, verifyingContract },
    types: {
      NonceMessage: [
        { name: 'nonceString', type: 'string' },
        { name: 'nonceBytes', type: 'bytes' },
      ],
    },
    primaryType: 'NonceMessage',
    message: { nonceString: nonce, nonceBytes: `0x${Buffer.from(nonce).toString('hex')}` },
  })
  const { accessToken } = await client.login(challenge, signature, account.address)
  expect(await me(url, accessToken)).toBe(200)
  const from = async (address: string) => {
    const sent = Array.from({ length: 12 }, () =>
      fetch(`${url}/auth/challenge`, { method: 'POST', headers: { 'x-forwarded-for': address } }),
    )
    return (await Promise.all(sent)).filter(({ status }) => status === 200).length
  }
  expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual([10, 10])
})

it('keys, denials and sign-ins outlive a restart, on SQLite [flaw 43]', {
  timeout: PATIENCE_MS,
}, async () => {
  const environment = { WALLET_FOLDER: temporaryFolder(), PORT: String(await freePort()) }
  const before = await start(environment)
  await before.ready()
  const client = walletClient({ url: before.url })
  const [stays, leaves] = [await signIn(ethereumOf(), client), await signIn(ethereumOf(), client)]
  await client.logout(leaves.refreshToken, leaves.accessToken)
  before.child.kill('SIGTERM')
  expect(await before.ended).toMatchObject({ code: 0, errors: '' })
  const after = await start(environment)
  await after.ready()
  expect(await me(after.url, stays.accessToken)).toBe(200)
  expect(await me(after.url, leaves.accessToken)).toBe(401)
  expect((await client.refresh(stays.refreshToken)).refreshToken).toEqual(expect.any(String))
  for (const file of ['signing-key.pem', 'encryption-key', 'wallet.db'])
    expect(statSync(join(environment.WALLET_FOLDER, file)).mode & 0o077, file).toBe(0)
})

it('lets a request under way end, and waits for no idle connection [S4-31]', {
  timeout: PATIENCE_MS,
}, async () => {
  const { child, url, ready, ended } = await start({ WALLET_FOLDER: temporaryFolder() })
  await ready()
  const { port } = new URL(url)
  const idle = connect(Number(port), 'localhost')
  const busy = connect(Number(port), 'localhost')
  await Promise.all([once(idle, 'connect'), once(busy, 'connect')])
  let answer = ''
  busy.on('data', (chunk) => {
    answer += String(chunk)
  })
  busy.write('POST /auth/challenge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{')
  // The server has read the head once it answers somebody else who came later.
  await fetch(`${url}/.well-known/jwks.json`)
  child.kill('SIGTERM')
  while (
    await fetch(`${url}/.well-known/jwks.json`).then(
      () => true,
      () => false,
    )
  );
  busy.write('}')
  expect(await ended).toMatchObject({ code: 0, errors: '' })
  expect(answer).toMatch(/^HTTP\/1.1 200 OK[\s\S]+\{"token":"ey/)
})

it('refuses what it does not understand in one sentence', { timeout: PATIENCE_MS }, async () => {
  const folder = temporaryFolder()
  const cases: ReadonlyArray<readonly [Record<string, string>, RegExp]> = [
    [{ PORT: 'x' }, /^PORT must be a whole number from 0 to 65535\.\n$/],
    [{ ORIGIN: 'https://auth.example.com' }, /^SIGNING_KEYS_FILE must name a file/],
    [{ REDIS_URL: 'redis://localhost:1' }, /^The server REDIS_URL names does not answer\.\n$/],
    [{ ENCRYPTION_KEY: 'short' }, /^ENCRYPTION_KEY: .*openssl rand -base64 32\n$/],
    [{ REDIS_URL: 'localhost' }, /^REDIS_URL: .*redis:\/\/.*\n$/],
    [{ TYPED_DATA_NAME: 'Barong' }, /^TYPED_DATA_NAME and TYPED_DATA_CONTRACT go together/],
    [{ TRUSTED_PROXIES: 'proxy' }, /^TRUSTED_PROXIES: /],
    [{ CHAIN_IDS: 'main' }, /^CHAIN_IDS must be whole numbers above zero, separated by commas\.\n$/],
  ]
  await Promise.all(
    cases.map(async ([environment, sentence]) => {
      const { ended } = await start({ WALLET_FOLDER: folder, ...environment })
      const { code, errors } = await ended
      expect([code, errors]).toEqual([1, expect.stringMatching(sentence)])
    }),
  )
})
