import { join } from 'node:path'
import { provideDependencies } from './install.mjs'
import { bin, Failure, must, root, run, say } from './process.mjs'
import { providePrograms } from './programs.mjs'

const SOURCE = ['--import', 'tsx', '--conditions=@bff/source']

/** @type {Record<string, { about: string, run: (args: string[]) => Promise<void> }>} */
const COMMANDS = {
  demo: { about: 'start the app, the OpenID provider and the API', run: demo },
  'demo:next': { about: 'the same app in Next.js', run: demoNext },
  wallet: { about: 'start wallet sign-in as a service of its own', run: walletService },
  test: { about: 'run every test, or those the arguments choose', run: test },
  check: { about: 'build, types, lint, boundaries, tarballs, size, documents, API surface', run: check },
  bench: { about: 'measure authenticated requests beside the bare framework', run: bench },
  chaos: { about: 'break servers, networks, clocks and processes, and check every session', run: chaos },
  'new:store': {
    about: 'make a package for a new store from the in-memory one: new:store <name>',
    run: newStore,
  },
  'new:http': {
    about: 'make a package for a new HTTP adapter from that of Express: new:http <name>',
    run: newHttpAdapter,
  },
  'requirements:update': {
    about: 'rewrite what docs/contribute/requirements.md generates from citations',
    run: requirements,
  },
  'size:update': { about: 'write down the sizes of a release', run: size },
  'api:update': { about: 'rewrite docs/api after an intended change of the public API', run: api },
}

async function demo(/** @type {string[]} */ args) {
  say('Starting the demo')
  await runApp('apps/demo/src/launch.ts', args)
}

async function walletService(/** @type {string[]} */ args) {
  await runApp('apps/wallet/src/main.ts', args)
}

async function demoNext(/** @type {string[]} */ args) {
  say('Building the demo in Next.js, unless that is done')
  const { buildNext } = await import('./next-build.mjs')
  await buildNext(join(root, 'apps/demo-next'))
  say('Starting the demo in Next.js')
  await runApp('apps/demo-next/src/launch/launch.ts', args)
}

async function test(/** @type {string[]} */ args) {
  await providePrograms()
  const { runTests } = await import('./test.mjs')
  if (!(await runTests(args))) process.exitCode = 1
}

async function size() {
  const { writeRecord } = await import('./size.mjs')
  await writeRecord()
}

async function check() {
  const { runChecks } = await import('./check.mjs')
  await runChecks()
}

async function bench(/** @type {string[]} */ args) {
  await runApp('apps/bench/src/main.ts', args)
}

async function chaos(/** @type {string[]} */ args) {
  await providePrograms()
  await runApp('apps/chaos/src/main.ts', args)
}

/**
 * Runs an app from its source; what goes wrong there, it says itself.
 *
 * @param {string} file
 * @param {readonly string[]} args
 */
async function runApp(file, args) {
  const { code, signal } = await run(process.execPath, [...SOURCE, file, ...args])
  if (signal === null) process.exitCode = code
}

async function api() {
  await must('The packages do not build; mend that first.', bin('turbo'), [
    'run',
    'build',
    '--filter=./packages/*',
  ])
  const { writeApi } = await import('./api.mjs')
  for (const file of writeApi()) say(`wrote ${file}`)
}

async function requirements() {
  const { DOCUMENT, requirementProblems, writeRequirements } = await import('./requirements.mjs')
  if (writeRequirements()) say(`wrote ${DOCUMENT}`)
  const problems = requirementProblems()
  if (problems.length > 0) throw new Failure(problems.join('\n'))
}

async function newStore(/** @type {string[]} */ [name = '']) {
  const { createStore } = await import('./new-store.mjs')
  await provePackage(createStore(root, name), 'docs/contribute/add-a-store.md')
}

async function newHttpAdapter(/** @type {string[]} */ [name = '']) {
  const { createHttpAdapter } = await import('./new-http.mjs')
  await provePackage(createHttpAdapter(root, name), 'docs/contribute/add-an-http-adapter.md')
}

/**
 * Formats and links a new package, and runs its tests.
 *
 * @param {string} folder
 * @param {string} guide
 */
async function provePackage(folder, guide) {
  await must('Biome could not format the new package.', bin('biome'), ['check', '--write', folder])
  await must('The new package could not be linked. Run `pnpm install`, then its tests.', 'pnpm', [
    'install',
    '--no-frozen-lockfile',
  ])
  await must(
    'The new package should pass before you change it; the lines above say what fails.',
    bin('vitest'),
    ['run', '--project', folder.slice('packages/'.length)],
  )
  say(`${folder} is yours. Go on with step 2 of ${guide}.`)
}

function needNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  throw new Failure(`Node 20.19 or newer is needed; this is ${process.versions.node}. Install a newer Node.`)
}

const [name = '', ...rest] = process.argv.slice(2)
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
try {
  if (command === undefined) {
    const lines = Object.entries(COMMANDS).map(([word, { about }]) => `  ${word.padEnd(20)} ${about}`)
    throw new Failure(['Usage: ./dev <command>, or pnpm <command>', ...lines].join('\n'))
  }
  needNode()
  process.chdir(root)
  await provideDependencies()
  await command.run(rest[0] === '--' ? rest.slice(1) : rest)
} catch (error) {
  if (!(error instanceof Failure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
