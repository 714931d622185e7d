import { join } from 'node:path'
import { provideDependencies } from './install.mjs'
import { bin, Failure, must, root, run, say } from './process.mjs'
import { provideFirefox, providePrograms } from './programs.mjs'

const SOURCE = ['--import', 'tsx', '--conditions=@bff/source']

/** @type {Record<string, { about: string, run: (args: string[]) => Promise<void> }>} */
const COMMANDS = {
  demo: { about: 'start the app, the OpenID provider and the API', run: demo },
  'demo:next': { about: 'the same app in Next.js', run: demoNext },
  wallet: { about: 'start wallet sign-in as a service of its own', run: walletService },
  test: { about: 'run every test, or those the arguments choose', run: test },
  'test:drivers': {
    about: 'run every test of the stores with a server, on every driver, not only what a driver can break',
    run: testDrivers,
  },
  'test:firefox': { about: 'run the tests in Firefox', run: testFirefox },
  'test:matrix': {
    about: 'run the laws on Node 22, 24 and 26, Bun, Deno and workerd: test:matrix --runtime deno',
    run: matrix,
  },
  'test:docs': { about: 'run every app of the guides for moving here, before and after', run: testDocs },
  check: { about: 'build, types, lint, boundaries, tarballs, size, documents, API surface', run: check },
  docs: { about: 'serve the documents as a site; docs build writes it to apps/docs-site/dist', run: docs },
  bench: { about: 'measure beside other packages and hand-written servers: bench --quick', run: bench },
  chaos: { about: 'break servers, networks, clocks and processes, and check every session', run: chaos },
  'chaos:tenants': {
    about:
      'sign in, refresh and sign out at 50 tenants of 3 origins each, and look for crossings: --sign-ins 10000',
    run: tenants,
  },
  'new:store': {
    about: 'make a package for a new store, with the laws of each method: new:store <name>',
    run: newStore,
  },
  'new:http': {
    about: 'make a package for a new HTTP adapter: new:http <name> --node, or --web',
    run: newHttpAdapter,
  },
  'create:app': {
    about: 'make an app with the packages of this repository: create:app <folder>',
    run: async (args) => (await import('./tarballs.mjs')).createApp(args),
  },
  tarballs: {
    about: 'pack packages for an app outside this repository: tarballs oidc store-memory koa',
    run: async (args) => (await import('./tarballs.mjs')).packFor(args),
  },
  'test:apps': {
    about: 'install, build and start every app that create:app can make, or those that BFF_APPS names',
    run: testApps,
  },
  'requirements:update': {
    about: 'rewrite what docs/contribute/requirements.md generates from citations',
    run: requirements,
  },
  'examples:update': {
    about: 'write what all examples share, as examples/express says it, into the others',
    run: examples,
  },
  'migrations:update': {
    about: 'write the SQL migration of a changed session: migrations:update <name>',
    run: migrations,
  },
  'options:update': {
    about: 'rewrite the tables of options in the documents from the doc comments of the types',
    run: options,
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

async function testFirefox(/** @type {string[]} */ args) {
  await provideFirefox()
  process.env['BFF_BROWSER'] = 'firefox'
  await test(['--project', 'demo', ...args])
}

async function testDrivers(/** @type {string[]} */ args) {
  process.env['BFF_DRIVERS'] = 'all'
  const stores = ['store-redis', 'store-dynamodb', 'store-drizzle', 'store-sql']
  await test([...stores.flatMap((store) => ['--project', store]), ...args])
}

async function testDocs(/** @type {string[]} */ args) {
  process.env['BFF_DOCS'] = 'all'
  await test(['--project', 'example-moving', ...args])
}

async function matrix(/** @type {string[]} */ args) {
  await providePrograms()
  await runApp('apps/matrix/src/main.ts', args)
}

async function size() {
  const { writeRecord } = await import('./size.mjs')
  await writeRecord()
}

async function check() {
  const { runChecks } = await import('./check.mjs')
  await runChecks()
}

async function docs(/** @type {string[]} */ args) {
  const { buildSite, serveSite } = await import('./site.mjs')
  if (args[0] === 'build') await buildSite()
  else await serveSite(args)
}

async function bench(/** @type {string[]} */ args) {
  await runApp('apps/bench/src/main.ts', args)
}

async function chaos(/** @type {string[]} */ args) {
  await providePrograms()
  await runApp('apps/chaos/src/main.ts', args)
}

async function tenants(/** @type {string[]} */ args) {
  await runApp('apps/chaos/src/tenants/main.ts', args, ['--expose-gc'])
}

/**
 * Runs an app from its source; what goes wrong there, it says itself.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {readonly string[]} flags of Node itself
 */
async function runApp(file, args, flags = []) {
  const { code, signal } = await run(process.execPath, [...flags, ...SOURCE, file, ...args])
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

async function testApps(/** @type {string[]} */ args) {
  await providePrograms()
  const config = 'packages/create-bff/vitest.installed.config.ts'
  const { code } = await run(bin('vitest'), ['run', '--config', config, ...args])
  process.exitCode = code
}

async function options() {
  const { updateOptions } = await import('./options.mjs')
  for (const path of updateOptions()) say(`wrote ${path}`)
}

async function examples() {
  const { updateExamples } = await import('./examples.mjs')
  for (const path of updateExamples()) say(`wrote ${path}`)
}

async function migrations(/** @type {string[]} */ [name]) {
  if (name === undefined) throw new Failure('Name the migration: pnpm migrations:update added_field')
  const { updateMigrations } = await import('./migrations.mjs')
  await updateMigrations(name)
}

async function requirements() {
  const { DOCUMENT, requirementProblems, writeRequirements } = await import('./requirements.mjs')
  if (writeRequirements()) say(`wrote ${DOCUMENT}`)
  const problems = requirementProblems()
  if (problems.length > 0) throw new Failure(problems.join('\n'))
}

async function newStore(/** @type {string[]} */ [name = '']) {
  const { createStore } = await import('./new-store.mjs')
  const folder = createStore(root, name)
  await joinWorkspace(folder)
  await must('The new package should compile before you change it.', bin('tsc'), ['-p', folder])
  const project = folder.slice('packages/'.length)
  say(`${folder} is yours. Its laws fail until you write it: pnpm test --project ${project} -t SS-01`)
  say('A native driver needs a line in allowBuilds of pnpm-workspace.yaml.')
  say('Go on with step 2 of docs/contribute/add-a-store.md.')
}

async function newHttpAdapter(/** @type {string[]} */ [name = '', ...args]) {
  const { baseOf, createHttpAdapter } = await import('./new-http.mjs')
  const folder = createHttpAdapter(root, name, await baseOf(args, process.stdin.isTTY ? ask : null))
  await joinWorkspace(folder)
  await must(
    'The new package should pass before you change it; the lines above say what fails.',
    bin('vitest'),
    ['run', '--project', folder.slice('packages/'.length)],
  )
  say(`${folder} is yours. Go on with step 2 of docs/contribute/add-an-http-adapter.md.`)
}

async function ask(/** @type {string} */ question) {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return await terminal.question(question)
  } finally {
    terminal.close()
  }
}

/**
 * Formats and links a new package.
 *
 * @param {string} folder
 */
async function joinWorkspace(folder) {
  await must('Biome could not format the new package.', bin('biome'), [
    'check',
    '--write',
    folder,
    'tools/boundaries.mjs',
  ])
  await must('The new package could not be linked. Run `pnpm install`, then its tests.', 'pnpm', [
    'install',
    '--no-frozen-lockfile',
  ])
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
