export type Environment = Readonly<Record<string, string | undefined>>

/** Returns a setting, or says which one is missing or empty. */
export function setting(env: Environment, name: string): string {
  const value = env[name]
  if (value) return value
  const problem = value === undefined ? 'is not in the environment' : 'is empty'
  throw new Error(`${name} ${problem}. Set it in .env for npm run dev, and in the environment in production.`)
}
