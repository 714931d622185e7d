import { createServer } from 'node:net'
import { StartError } from './start-error.ts'

/** The parts of the demo that listen, in the order they start. */
export const PARTS = {
  idp: { variable: 'IDP_PORT', name: 'OpenID provider', port: 3001 },
  api: { variable: 'API_PORT', name: 'orders API', port: 3002 },
  demo: { variable: 'DEMO_PORT', name: 'app', port: 3000 },
} as const

export type Part = keyof typeof PARTS
export type Ports = Readonly<Record<Part, number>>
type Environment = Readonly<Record<string, string | undefined>>

/** @throws StartError for anything but a port number */
export function portOf(part: Part, env: Environment): number {
  const { variable, port } = PARTS[part]
  const text = env[variable] ?? String(port)
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (number >= 1 && number <= 65_535) return number
  throw new StartError(`${variable} must be a port number from 1 to 65535.`)
}

/** @throws StartError also when two parts would share a port */
export function portsOf(env: Environment): Ports {
  const ports = { idp: portOf('idp', env), api: portOf('api', env), demo: portOf('demo', env) }
  if (new Set(Object.values(ports)).size === 3) return ports
  throw new StartError('DEMO_PORT, IDP_PORT and API_PORT must be three different ports.')
}

/**
 * Browsers try both addresses of `localhost`, so a port counts as free only when it is on both.
 *
 * @throws StartError naming the variable that moves the part elsewhere
 */
export async function requireFreePort(part: Part, port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) if (await isTaken(port, host)) throw portTaken(part, port)
}

export function portTaken(part: Part, port: number): StartError {
  const { variable, name } = PARTS[part]
  return new StartError(`Port ${port} is taken: set ${variable} to a free one for the ${name}.`)
}

export const isAddressInUse = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'

/** A machine without IPv6 has nobody on `::1` either. */
function isTaken(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(isAddressInUse(error)))
    server.listen(port, host, () => server.close(() => resolve(false)))
  })
}
