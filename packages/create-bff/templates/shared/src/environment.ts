export type Environment = Readonly<Record<string, string | undefined>>

/** Returns a setting of `.env`, or says which one is missing. */
export function setting(env: Environment, name: string): string {
  const value = env[name]
  if (value) return value
  throw new Error(`${name} is not set. Set it in .env on your machine, and in the environment in production.`)
}
