import { spawn } from 'node:child_process'
import { startProvider } from '@bff/testing'
import { startApi } from './api.ts'

/** Starts what the app needs on your machine, as `.env` says, and then the app. */
const { ORIGIN = '', ISSUER, API_ORIGIN = '', DEV_PROVIDER_PORT, DEV_API_PORT } = process.env

const api = DEV_API_PORT ? await startApi(Number(DEV_API_PORT)) : null
const provider = DEV_PROVIDER_PORT
  ? await startProvider({ port: Number(DEV_PROVIDER_PORT), appOrigins: [ORIGIN], apiAudience: API_ORIGIN })
  : null
console.log(
  provider === null
    ? `Users sign in at ${ISSUER}.`
    : `Sign in as alice or bob, with any password. The test provider is at ${provider.issuer}.`,
)

const app = spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => app.kill(signal))
app.once('exit', async (code) => {
  await Promise.all([api?.close(), provider?.close()])
  process.exitCode = code ?? 0
})
