import { apiFailureFrom, startOrdersApi } from './index.ts'

const port = Number(process.env['API_PORT'] ?? 3002)
if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  fail('API_PORT must be a port number from 1 to 65535.')
}
try {
  const failure = apiFailureFrom(process.env)
  const api = await startOrdersApi({ port, issuer: process.env['ISSUER'] ?? 'http://localhost:3001' })
  api.fail(failure)
  console.log(`orders-api ${api.origin}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close())
} catch (error) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
  fail(`Port ${port} is taken: set API_PORT to a free one for the orders API.`)
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
