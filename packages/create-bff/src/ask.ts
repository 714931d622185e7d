import type { Readable, Writable } from 'node:stream'
import { cancel, intro, isCancel, select, text } from '@clack/prompts'
import {
  type Answers,
  DEFAULTS,
  FRAMEWORKS,
  type Framework,
  folderProblem,
  providerProblem,
  STORES,
  type Store,
} from './answers.ts'

const FRAMEWORK_LABELS: Record<Framework, string> = {
  express: 'Express',
  fastify: 'Fastify',
  hono: 'Hono',
  koa: 'Koa',
  nest: 'NestJS',
  next: 'Next.js',
  'react-router': 'React Router, framework mode',
  sveltekit: 'SvelteKit',
}
const STORE_LABELS: Record<Store, string> = {
  memory: 'in memory: for a first look, sessions end with the process',
  redis: 'Redis or Valkey',
  sqlite: 'SQLite, through drizzle',
  postgres: 'Postgres, through drizzle',
}

/** Where the questions are shown and answered. */
export interface Terminal {
  readonly input: Readable
  readonly output: Writable
}

/** Asks for the answers that are missing; `null` when the user leaves. */
export async function ask(
  given: Partial<Answers>,
  terminal: Terminal = { input: process.stdin, output: process.stdout },
): Promise<Answers | null> {
  intro('A web app with a Backend-for-Frontend', terminal)
  try {
    return {
      folder: given.folder ?? (await folder(terminal)),
      framework:
        given.framework ?? (await choose(terminal, 'Which framework?', FRAMEWORKS, FRAMEWORK_LABELS)),
      store: given.store ?? (await choose(terminal, 'Where are sessions kept?', STORES, STORE_LABELS)),
      provider: given.provider ?? (await provider(terminal)),
    }
  } catch (error) {
    if (!(error instanceof Left)) throw error
    cancel('Nothing was written.', terminal)
    return null
  }
}

class Left extends Error {}

/** @throws Left when the user left at this question */
function answered<T>(answer: T): Exclude<T, symbol> {
  if (isCancel(answer)) throw new Left()
  return answer as Exclude<T, symbol>
}

const folder = async (terminal: Terminal) =>
  answered(
    await text({
      ...terminal,
      message: 'In which folder?',
      initialValue: DEFAULTS.folder,
      validate: (value) => folderProblem(value ?? ''),
    }),
  )

async function choose<T extends string>(
  terminal: Terminal,
  message: string,
  names: readonly T[],
  labels: Record<T, string>,
) {
  const options = names.map((value) => ({ value: value as string, label: labels[value] }))
  return answered(await select({ ...terminal, message, options })) as T
}

async function provider(terminal: Terminal) {
  const options = [
    { value: 'test', label: 'a test provider on this machine, with the users alice and bob' },
    { value: 'own', label: 'my own OpenID provider' },
  ]
  if (answered(await select({ ...terminal, message: 'Who signs users in?', options })) === 'test')
    return 'test'
  return answered(
    await text({
      ...terminal,
      message: 'What is its issuer?',
      placeholder: 'https://id.example.com',
      validate: (value) => providerProblem(value ?? ''),
    }),
  )
}
