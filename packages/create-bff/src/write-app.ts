import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Answers, type Framework, nameOf } from './answers.ts'

/** Returns what `package.json` of an app says for a package, such as `^1.2.0`. */
export type Versions = (name: string) => string

/** Finds the versions of the packages that an app names, before anything is written. */
export type FindVersions = (packages: readonly string[]) => Versions | Promise<Versions>

const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url))
const ON_NODE: readonly Framework[] = ['express', 'fastify', 'hono', 'koa', 'nest']

/** Where the page is, by framework. */
const PAGES: Readonly<Partial<Record<Framework, string>>> = {
  next: '`src/app/`, `src/session.ts`',
  'react-router': '`src/routes/`, `src/session.server.ts`',
  sveltekit: '`src/routes/`, `src/session.ts`',
}

/** A folder that has something in it; nothing was written. */
export class FolderInUse extends Error {}

/**
 * Writes an app. Its folder must be empty or missing.
 *
 * @param folder an absolute path
 * @throws FolderInUse when the folder has files
 */
export function writeApp(folder: string, answers: Answers, versions: Versions = publishedVersions): void {
  refuseUsedFolder(folder)
  const files = layers(answers)
  const name = nameOf(folder)
  const pages = PAGES[answers.framework] ?? '`src/main.ts`, `src/page.ts`'
  const manifest = manifestIn(files)
  files.set('package.json', json(withVersions(manifest, versions)))
  files.set('.env', withSettings(files.get('.env.example') ?? '', settings(answers)))
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    const mode = file === '.env' ? 0o600 : 0o666
    writeFileSync(join(folder, file), filled(text, { name, pages }), { mode })
  }
}

const filled = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) => values[name] ?? placeholder)

/**
 * Checks that an app can be written here.
 *
 * @throws FolderInUse when the folder has files
 */
export function refuseUsedFolder(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new FolderInUse(`${folder} is not empty. Choose another folder.`)
}

/** The names of the packages in the `package.json` of an app. */
export function packagesOf(answers: Answers): readonly string[] {
  const { dependencies, devDependencies } = manifestIn(layers(answers))
  return [...new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)])]
}

interface Manifest extends Json {
  readonly scripts: Json
  readonly dependencies: Json
  readonly devDependencies: Json
}

const manifestIn = (files: ReadonlyMap<string, string>): Manifest =>
  JSON.parse(files.get('package.json') ?? '{}')

/** The files of all layers: JSON is merged, a text that two layers have is joined. */
function layers({ framework, store }: Answers): Map<string, string> {
  const names = ['shared', ...(ON_NODE.includes(framework) ? ['node'] : []), framework, `store-${store}`]
  const files = new Map<string, string>()
  for (const layer of names)
    for (const [file, text] of filesOf(join(TEMPLATES, layer))) {
      const before = files.get(file)
      const merged = file.endsWith('.json')
        ? json(merge(JSON.parse(before ?? '{}'), JSON.parse(text)))
        : (before ?? '') + text
      files.set(file, merged)
    }
  return files
}

/** npm does not pack `.gitignore`, so the names of the templates begin with `_` where those of the app begin with a dot. */
function filesOf(layer: string): ReadonlyArray<readonly [file: string, text: string]> {
  return readdirSync(layer, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [
      relative(layer, path).replaceAll('\\', '/').replace(/^_/, '.'),
      readFileSync(path, 'utf8'),
    ])
}

type Json = { [key: string]: unknown }

const json = (value: Json) => `${JSON.stringify(value, null, 2)}\n`

function merge(under: Json, over: Json): Json {
  const merged = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key]
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value
  }
  return merged
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The layers bring the scripts in another order than a reader looks for them. */
const SCRIPTS = ['predev', 'dev', 'build', 'start', 'migrate', 'test', 'typecheck']
const rank = (script: string) => SCRIPTS.indexOf(script)

/** A template says `*` for a range, and `=` for a package that others of the app name by its exact version. */
function withVersions(manifest: Manifest, versions: Versions): Json {
  const { dependencies, devDependencies } = manifest
  const resolved = (asked: Json) =>
    Object.fromEntries(
      Object.keys(asked)
        .sort()
        .map((name) => [name, asked[name] === '=' ? versions(name).replace(/^\^/, '') : versions(name)]),
    )
  const { scripts } = manifest
  const further = Object.entries(devDependencies).filter(([name]) => !Object.hasOwn(dependencies, name))
  return {
    ...manifest,
    scripts: Object.fromEntries(Object.entries(scripts).sort(([one], [other]) => rank(one) - rank(other))),
    dependencies: resolved(dependencies),
    devDependencies: resolved(Object.fromEntries(further)),
  }
}

/** The versions that this package was published and tested with: packing writes them into its `devDependencies`. */
export function publishedVersions(name: string): string {
  const own = JSON.parse(readFileSync(join(TEMPLATES, '../package.json'), 'utf8'))
  const version: unknown = own.devDependencies[name]
  if (typeof version !== 'string') throw new Error(`create-bff has no version for ${name}.`)
  return /^\d/.test(version) ? `^${version}` : 'latest'
}

function settings({ provider }: Answers): Readonly<Record<string, string>> {
  const key = { BFF_ENCRYPTION_KEYS: randomBytes(32).toString('base64') }
  return provider === 'test'
    ? {
        ...key,
        ISSUER: 'http://localhost:3001',
        OIDC_CLIENT_ID: 'demo',
        OIDC_CLIENT_SECRET: 'demo-secret-for-this-machine-only',
        DEV_PROVIDER_PORT: '3001',
      }
    : { ...key, ISSUER: provider }
}

function withSettings(example: string, values: Readonly<Record<string, string>>): string {
  return example.replace(/^(\w+)=.*$/gm, (line, name: string) =>
    Object.hasOwn(values, name) ? `${name}=${values[name]}` : line,
  )
}
