import { startProvider } from '@bff/testing'
import { idpOptionsFrom } from './index.ts'

const port = Number(process.env['IDP_PORT'] ?? 3001)
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  fail('IDP_PORT must be a port number from 1 to 65535.')
}

try {
  const idp = await startProvider({
    ...idpOptionsFrom(process.env),
    port,
    appOrigins: [process.env['APP_ORIGIN'] ?? 'http://localhost:3000'],
    apiAudience: process.env['API_ORIGIN'] ?? 'http://localhost:3002',
  })
  console.log(`idp ${idp.issuer}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void idp.close())
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
  fail(`Port ${port} is taken: set IDP_PORT to a free one for the OpenID provider.`)
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
