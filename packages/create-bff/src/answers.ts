import { parseArgs } from 'node:util'

/** The frameworks that an app can use. */
export const FRAMEWORKS = [
  'express',
  'fastify',
  'hono',
  'koa',
  'nest',
  'next',
  'react-router',
  'sveltekit',
] as const
export type Framework = (typeof FRAMEWORKS)[number]

/** The places where an app can keep its sessions. */
export const STORES = ['memory', 'redis', 'sqlite', 'postgres'] as const
export type Store = (typeof STORES)[number]

/** What an app is made from. */
export interface Answers {
  /** The new folder, relative to the working directory. */
  readonly folder: string
  readonly framework: Framework
  readonly store: Store
  /** The issuer of an OpenID provider, or `'test'` for the provider of `@bff/testing`. */
  readonly provider: string
}

/** The answers of a command line; `yes` takes the default for each one that is missing. */
export interface Asked {
  readonly given: Partial<Answers>
  readonly yes: boolean
  readonly help: boolean
}

export const DEFAULTS: Answers = {
  folder: 'bff-app',
  framework: 'fastify',
  store: 'memory',
  provider: 'test',
}

/** A command line that cannot be obeyed; the message says what it accepts. */
export class WrongArguments extends Error {}

/** @throws WrongArguments when an argument is unknown or has an unknown value */
export function readArguments(args: readonly string[]): Asked {
  const { values, positionals } = parse(args)
  const [folder, ...more] = positionals
  if (more.length > 0) throw new WrongArguments(`Give one folder. ${more.join(' ')} is one too many.`)
  const { framework, store, provider } = values
  const given = {
    ...(folder !== undefined && { folder }),
    ...(framework !== undefined && { framework: oneOf('--framework', framework, FRAMEWORKS) }),
    ...(store !== undefined && { store: oneOf('--store', store, STORES) }),
    ...(provider !== undefined && { provider }),
  }
  const problem =
    (provider === undefined ? undefined : providerProblem(provider)) ??
    (folder === undefined ? undefined : folderProblem(folder))
  if (problem !== undefined) throw new WrongArguments(problem)
  return { given, yes: values.yes === true, help: values.help === true }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        framework: { type: 'string' },
        store: { type: 'string' },
        provider: { type: 'string' },
        yes: { type: 'boolean', short: 'y' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new WrongArguments(error instanceof Error ? error.message : String(error))
  }
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((name) => name === value)
  if (found === undefined) throw new WrongArguments(`${flag} must be one of: ${allowed.join(', ')}.`)
  return found
}

/** Returns a sentence when the text is no provider, else `undefined`. */
export function providerProblem(text: string): string | undefined {
  if (text === 'test') return undefined
  const url = URL.canParse(text) ? new URL(text) : null
  return url !== null && (url.protocol === 'https:' || url.hostname === 'localhost')
    ? undefined
    : 'Give the issuer, an https:// address, or "test" for a provider on this machine.'
}

/** Returns a sentence when no package can have the name of this folder, else `undefined`. */
export function folderProblem(folder: string): string | undefined {
  return /^[a-z0-9][a-z0-9._-]*$/.test(nameOf(folder))
    ? undefined
    : 'The name of the folder must have lower-case letters, digits, "-", "_" and "." only.'
}

/** The name of the app: the last part of its folder. */
export const nameOf = (folder: string): string => folder.split(/[\\/]/).filter(Boolean).at(-1) ?? ''
