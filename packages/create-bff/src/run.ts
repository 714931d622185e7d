import { relative, resolve } from 'node:path'
import { type Answers, DEFAULTS, FRAMEWORKS, readArguments, STORES, WrongArguments } from './answers.ts'
import {
  type FindVersions,
  FolderInUse,
  packagesOf,
  publishedVersions,
  refuseUsedFolder,
  writeApp,
} from './write-app.ts'

/** Where a command line writes, and whether a user can answer questions there. */
export interface Output {
  readonly out: (line: string) => void
  readonly err: (line: string) => void
  readonly isInteractive: boolean
}

const USAGE = `Usage: npm create bff@latest [folder] -- [options]

  --framework <name>   ${FRAMEWORKS.join(', ')}
  --store <name>       ${STORES.join(', ')}
  --provider <issuer>  the issuer of an OpenID provider, or "test" for a provider on this machine
  --yes                take the default for everything that is not given: ${Object.values(DEFAULTS).join(', ')}

Exit codes: 0 the app is written, 1 it is not, 2 wrong arguments.`

/**
 * Runs one command line, without the name of the program.
 *
 * @returns the exit code, and the folder of the app when it was written
 */
export async function run(
  args: readonly string[],
  { out, err, isInteractive }: Output,
  findVersions: FindVersions = () => publishedVersions,
): Promise<{ exitCode: 0 | 1 | 2; folder?: string }> {
  try {
    const { given, yes, help } = readArguments(args)
    if (help) {
      out(USAGE)
      return { exitCode: 0 }
    }
    if (!yes && !isInteractive) throw new WrongArguments('Nobody can answer here. Add --yes.')
    const answers = yes ? { ...DEFAULTS, ...given } : await (await import('./ask.ts')).ask(given)
    if (answers === null) return { exitCode: 1 }
    const folder = resolve(answers.folder)
    // Before the versions are found, which can take a minute.
    refuseUsedFolder(folder)
    writeApp(folder, answers, await findVersions(packagesOf(answers)))
    out(nextSteps(folder, answers))
    return { exitCode: 0, folder }
  } catch (error) {
    if (error instanceof WrongArguments) {
      err(`${error.message}\n\n${USAGE}`)
      return { exitCode: 2 }
    }
    if (!(error instanceof FolderInUse)) throw error
    err(error.message)
    return { exitCode: 1 }
  }
}

function nextSteps(folder: string, { store, provider }: Answers): string {
  const steps = [
    `cd ${relative(process.cwd(), folder) || '.'}`,
    'npm install',
    ...(provider === 'test' ? [] : ['# write OIDC_CLIENT_ID and OIDC_CLIENT_SECRET into .env']),
    ...(store === 'redis' || store === 'postgres' ? [`docker compose up --detach    # ${store}`] : []),
    'npm run dev',
  ]
  const user = provider === 'test' ? ' Sign in as alice, with any password.' : ''
  return `Written. Next:\n\n${steps.map((step) => `  ${step}`).join('\n')}\n\nThen open http://localhost:3000.${user}`
}
