import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { run, writeApp } from '../src/index.ts'
import { COMBINATIONS, temporaryFolder, written } from './apps.ts'

const HONO = { folder: 'shop', framework: 'hono', store: 'redis', provider: 'test' } as const
const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const settingsOf = (folder: string, file: string) =>
  new Map(
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [
      name,
      value,
    ]),
  )

async function create(...args: string[]) {
  const lines: string[] = []
  const write = (line: string) => void lines.push(line)
  const { exitCode } = await run(args, { out: write, err: write, isInteractive: false })
  return { exitCode, text: lines.join('\n') }
}

it('Every combination of framework and store compiles', { timeout: 300_000 }, () => {
  const folder = temporaryFolder()
  for (const answers of COMBINATIONS) written(answers, folder)
  const files = ts.sys.readDirectory(folder, ['.ts', '.tsx']).filter((file) => !file.endsWith('.config.ts'))
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    customConditions: ['@bff/source'],
    jsx: ts.JsxEmit.ReactJSX,
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  })
  const problems = files.flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) =>
        `${file.slice(folder.length)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
  })
  expect(problems).toEqual([])
  expect(files.length).toBeGreaterThan(COMBINATIONS.length * 6)
})

const importsOf = (files: readonly string[]) =>
  files
    .flatMap((file) => ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles)
    .map(({ fileName }) => fileName)
    .filter((name) => !/^(?:[.$]|node:)/.test(name))
    .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))

it('An app declares every package that its files import', () => {
  for (const answers of COMBINATIONS) {
    const app = written(answers)
    const { dependencies, devDependencies } = manifestOf(app)
    const declared = new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)])
    const imported = importsOf(ts.sys.readDirectory(app, ['.ts', '.tsx', '.js']))
    expect(
      imported.filter((name) => !declared.has(name)),
      answers.folder,
    ).toEqual([])
  }
})

it('A container, which has no development dependency, has what the server and the migration import', () => {
  const ofTheBuild = ['@react-router/dev', '@sveltejs/kit', 'vite']
  for (const answers of COMBINATIONS) {
    const app = written(answers)
    const files = ts.sys
      .readDirectory(app, ['.ts', '.tsx'])
      .filter((file) => /\/src\/|\/migrate\.ts$/.test(file.slice(app.length)))
    const { dependencies } = manifestOf(app)
    expect(
      importsOf(files).filter((name) => !Object.hasOwn(dependencies, name) && !ofTheBuild.includes(name)),
      answers.folder,
    ).toEqual([])
  }
})

it('The README of an app names files that are there', () => {
  for (const answers of COMBINATIONS) {
    const app = written(answers)
    const rows = readFileSync(join(app, 'README.md'), 'utf8').matchAll(/^\| (`(?:src|dev|test)\/.*?) \|/gm)
    const named = [...rows].flatMap(([, files = '']) => files.replaceAll('`', '').split(', '))
    expect(
      named.filter((file) => !existsSync(join(app, file))),
      answers.folder,
    ).toEqual([])
    expect(named.length).toBeGreaterThan(5)
  }
})

it('The scripts of an app begin with how it is started', () => {
  for (const answers of COMBINATIONS) {
    const scripts = Object.keys(manifestOf(written(answers)).scripts).filter((name) => name !== 'predev')
    expect([scripts[0], ...scripts.slice(-2)], answers.folder).toEqual(['dev', 'test', 'typecheck'])
  }
})

it('An app whose folder has files is refused before the versions are found', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'mine.txt'), 'mine')
  const asked: string[] = []
  const silent = { out: () => {}, err: () => {}, isInteractive: false }
  const find = (packages: readonly string[]) => {
    asked.push(...packages)
    return () => '^1.0.0'
  }
  const made = join(folder, 'shop')
  expect(await run([made, '--framework', 'koa', '--yes'], silent, find)).toMatchObject({ exitCode: 0 })
  expect(asked).toEqual(expect.arrayContaining(['@bff/koa', '@bff/store-memory', 'koa', 'typescript']))
  expect(Object.keys(manifestOf(made).dependencies).every((name) => asked.includes(name))).toBe(true)
  asked.length = 0
  expect(await run([made, '--yes'], silent, find)).toMatchObject({ exitCode: 1 })
  expect(asked).toEqual([])
})

it('An app lets npm run the install script of SQLite, which it needs, and no other', () => {
  for (const answers of COMBINATIONS)
    expect(manifestOf(written(answers)).allowScripts, answers.folder).toEqual({
      esbuild: false,
      ...(answers.store === 'sqlite' && { 'better-sqlite3': true }),
    })
})

it('The packages of React Router, which name each other by exact version, are written with one', () => {
  const app = join(temporaryFolder(), 'shop')
  writeApp(app, { ...HONO, framework: 'react-router' }, () => '^1.2.3')
  const { dependencies, devDependencies } = manifestOf(app)
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    expect([name, version]).toEqual([
      name,
      /^(?:@react-router\/.+|react-router)$/.test(name) ? '1.2.3' : '^1.2.3',
    ])
})

it('An app has the versions that create-bff was tested with, and its own name', () => {
  const app = written(HONO)
  const manifest = manifestOf(app)
  expect(manifest.name).toBe('shop')
  // In the workspace they are "workspace:*" and "catalog:", which packing replaces.
  expect(manifest.dependencies.hono).toBe('latest')
  expect(JSON.stringify(manifest)).not.toContain('"*"')
  for (const file of ['README.md', 'src/page.ts'])
    expect(readFileSync(join(app, file), 'utf8')).not.toContain('{{')
})

it('The settings of the machine have a key of their own, and the example has none', () => {
  const [one, other] = [written(HONO), written(HONO)]
  const key = settingsOf(one, '.env').get('BFF_ENCRYPTION_KEYS') ?? ''
  expect(Buffer.from(key, 'base64')).toHaveLength(32)
  expect(settingsOf(other, '.env').get('BFF_ENCRYPTION_KEYS')).not.toBe(key)
  expect(settingsOf(one, '.env.example').get('BFF_ENCRYPTION_KEYS')).toBe('')
  expect(settingsOf(one, '.env').get('REDIS_URL')).toBe('redis://localhost:6379')
  expect(statSync(join(one, '.env')).mode & 0o077).toBe(0)
  expect(readFileSync(join(one, '.gitignore'), 'utf8').split('\n')).toContain('.env')
  expect(readFileSync(join(one, '.dockerignore'), 'utf8').split('\n')).toContain('.env')
  for (const file of ['.gitignore', '.dockerignore'])
    expect(readFileSync(join(one, file), 'utf8').split('\n')).toContain('production.env')
})

it('An app with its own provider starts no test provider', () => {
  const app = written({ ...HONO, provider: 'https://id.example.com' })
  const settings = settingsOf(app, '.env')
  expect(settings.get('ISSUER')).toBe('https://id.example.com')
  expect(settings.get('DEV_PROVIDER_PORT')).toBe('')
  expect(settings.get('OIDC_CLIENT_SECRET')).toBe('')
})

it('The command line writes an app from its flags and says what to do next', async () => {
  const folder = join(temporaryFolder(), 'shop')
  const { exitCode, text } = await create(folder, '--framework', 'next', '--store', 'postgres', '--yes')
  expect(exitCode).toBe(0)
  expect(text).toContain('npm run dev')
  expect(text).toContain('docker compose up')
  expect(existsSync(join(folder, 'src/app/page.tsx'))).toBe(true)
})

it.each([
  [['--framework', 'rails', '--yes'], '--framework must be one of: express, fastify, hono, koa'],
  [['--store', 'disk', '--yes'], '--store must be one of: memory'],
  [['--provider', 'http://id.example.com', '--yes'], 'Give the issuer, an https:// address'],
  [['My App', '--yes'], 'lower-case letters'],
  [['one', 'two', '--yes'], 'Give one folder.'],
  [['--fast'], "Unknown option '--fast'"],
  [[], 'Nobody can answer here. Add --yes.'],
])('Wrong arguments %j end with 2 and a sentence', async (args, sentence) => {
  const { exitCode, text } = await create(...args)
  expect(exitCode).toBe(2)
  expect(text).toContain(sentence)
  expect(text).toContain('Usage:')
})

it('A folder that has files stays as it is', async () => {
  const folder = join(temporaryFolder(), 'shop')
  mkdirSync(folder)
  writeFileSync(join(folder, 'mine.txt'), 'mine')
  const { exitCode, text } = await create(folder, '--yes')
  expect(exitCode).toBe(1)
  expect(text).toContain('is not empty. Choose another folder.')
  expect(readdirSync(folder)).toEqual(['mine.txt'])
})
