import { BffError } from '../internal/bff-error.ts'

export const invalid = (message: string) => new BffError('invalid_config', message)

export function absolutePath(maker: string, value: string): string {
  if (/^(\/[A-Za-z0-9._~-]+)+$/.test(value)) return value
  throw invalid(`${maker}: path must be an absolute path such as /bff/health, without a slash at its end.`)
}

export function bounded(
  maker: string,
  option: string,
  value: unknown,
  [fallback, min, max]: readonly [fallback: number, min: number, max: number],
): number {
  const given = value ?? fallback
  if (typeof given === 'number' && given >= min && given <= max) return given
  throw invalid(`${maker}: ${option} must be a number from ${min} to ${max}.`)
}
