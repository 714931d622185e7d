import { existsSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { listFiles, listWorkspaces } from './packages.mjs'
import { floorPlanProblems } from './rooms.mjs'

/**
 * Who may import what, by folder name. `*` in `of` stands for any ending. The first matching row counts.
 *
 * - `bff`: workspace packages its source may import; they are peer dependencies, so that an app has one copy.
 * - `own`: third-party packages it brings along as dependencies.
 * - `host`: what the app already has, as peer dependencies: the framework, the driver.
 * - `node`: whether its source may import `node:` modules.
 *
 * @typedef {{
 *   of: string, bff: readonly string[], own?: readonly string[], host?: readonly string[], node?: boolean
 * }} Row
 * @type {readonly Row[]}
 */
export const TABLE = [
  { of: 'core', bff: [], own: ['ipaddr.js'] },
  { of: 'oidc', bff: ['core'], own: ['jose', 'openid-client'] },
  { of: 'wallet', bff: ['core'], own: ['jose'], host: ['viem'] },
  { of: 'store-testkit', bff: ['core'], node: true },
  { of: 'store-memory', bff: ['core'] },
  { of: 'store-redis', bff: ['core'], host: ['ioredis', 'redis'], node: true },
  {
    of: 'store-sql',
    bff: ['core'],
    own: ['sql-template-tag'],
    host: ['pg', 'postgres', 'mysql2', 'better-sqlite3', '@libsql/client'],
    node: true,
  },
  {
    of: 'store-drizzle',
    bff: ['core'],
    own: ['@bff/store-sql'],
    host: ['drizzle-orm', 'better-sqlite3', 'postgres', 'mysql2'],
    node: true,
  },
  { of: 'store-dynamodb', bff: ['core'], host: ['@aws-sdk/client-dynamodb'] },
  { of: 'store-*', bff: ['core'], node: true },
  { of: 'node', bff: ['core'], own: ['undici'], node: true },
  { of: 'hono', bff: ['core'], host: ['hono'] },
  { of: 'express', bff: ['core', 'node'], host: ['express'], node: true },
  { of: 'koa', bff: ['core', 'node'], host: ['koa'], node: true },
  { of: 'fastify', bff: ['core', 'node'], own: ['fastify-plugin'], host: ['fastify'], node: true },
  { of: 'nest', bff: ['core', 'node'], host: ['@nestjs/common', '@nestjs/core'], node: true },
  { of: 'next', bff: ['core'], host: ['next', 'react'] },
  { of: 'sveltekit', bff: ['core'], host: ['@sveltejs/kit'] },
  { of: 'react-router', bff: ['core'], host: ['react-router'] },
  { of: 'astro', bff: ['core'], host: ['astro'] },
  { of: 'nuxt', bff: ['client', 'core', 'node'], host: ['nuxt'], node: true },
  { of: 'tanstack-start', bff: ['core'], host: ['@tanstack/react-router', '@tanstack/react-start'] },
  { of: 'http-testkit', bff: ['core', 'store-memory'], own: ['ws'], node: true },
  { of: 'cli', bff: ['core', 'store-redis', 'store-sql'], node: true },
  { of: 'create-bff', bff: [], own: ['@clack/prompts'], node: true },
  { of: 'testing', bff: ['core'], own: ['jose', 'oidc-provider'], node: true },
  { of: 'client', bff: [], host: ['@angular/core', 'react', 'solid-js', 'svelte', 'vue'] },
]

/** What every published package consists of; `CHANGELOG.md` comes with the first release. */
const FILE_SET = [
  'README.md',
  'package.json',
  'tsconfig.json',
  'tsup.config.ts',
  'vitest.config.ts',
  'src',
  'test',
]

/** @typedef {import('./packages.mjs').Workspace} Workspace */

/**
 * Everything in the workspace that breaks the table, as sentences that name the file.
 *
 * @param {string} root
 * @param {readonly Row[]} [table]
 * @returns {string[]}
 */
export function findViolations(root, table = TABLE) {
  const workspaces = listWorkspaces(root)
  return workspaces.flatMap((workspace) => {
    if (workspace.kind !== 'packages') return sourceViolations(root, workspace, workspaces, null)
    const row = table.find(({ of }) => matches(of, workspace.short))
    if (row === undefined) {
      return [
        `${workspace.folder}: no row in the table of tools/boundaries.mjs. Add one that says what it may import.`,
      ]
    }
    return [
      ...fileSetViolations(root, workspace),
      ...manifestViolations(workspace, row),
      ...sourceViolations(root, workspace, workspaces, row),
      ...augmentationViolations(root, workspace),
    ]
  })
}

/**
 * @param {string} pattern
 * @param {string} short
 */
function matches(pattern, short) {
  return pattern.endsWith('*') ? short.startsWith(pattern.slice(0, -1)) : short === pattern
}

/**
 * @param {string} root
 * @param {Workspace} workspace
 */
function fileSetViolations(root, { folder, manifest }) {
  const missing = FILE_SET.filter((file) => !existsSync(join(root, folder, file)))
  if (manifest.version !== '0.0.0' && !existsSync(join(root, folder, 'CHANGELOG.md')))
    missing.push('CHANGELOG.md')
  return missing.map((file) => `${folder}: ${file} is missing. Every package has the same set of files.`)
}

/**
 * @param {Workspace} workspace
 * @param {Row} row
 */
function manifestViolations({ folder, manifest }, row) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest
  const bff = row.bff.map((short) => `@bff/${short}`)
  const peers = [...bff, ...(row.host ?? [])]
  const file = `${folder}/package.json`
  return [
    ...Object.keys(dependencies)
      .filter((name) => !row.own?.includes(name))
      .map(
        (name) =>
          `${file}: ${name} may not be a dependency. The table of tools/boundaries.mjs does not list it.`,
      ),
    ...Object.keys(peerDependencies)
      .filter((name) => !peers.includes(name))
      .map(
        (name) =>
          `${file}: ${name} may not be a peer dependency. The table of tools/boundaries.mjs does not list it.`,
      ),
    ...bff
      .filter((name) => name in peerDependencies && peerDependencies[name] !== 'workspace:^')
      .map(
        (name) =>
          `${file}: peer dependency ${name} must be "workspace:^", which becomes a range when published.`,
      ),
    ...bff
      .filter((name) => name in peerDependencies && devDependencies[name] !== 'workspace:*')
      .map((name) => `${file}: peer dependency ${name} must also be a devDependency, "workspace:*".`),
  ]
}

/**
 * @param {string} root
 * @param {Workspace} workspace
 * @param {readonly Workspace[]} workspaces
 * @param {Row | null} row `null` for an app or an example
 */
function sourceViolations(root, workspace, workspaces, row) {
  return listFiles(root, `${workspace.folder}/src`, ['.ts', '.tsx', '.mts']).flatMap((file) =>
    importsOf(readFileSync(join(root, file), 'utf8')).flatMap((specifier) => {
      const problem = specifier.startsWith('.')
        ? relativeProblem(workspace, file, specifier)
        : packageProblem(workspace, workspaces, row, specifier)
      return problem === null ? [] : [`${file}: imports '${specifier}'. ${problem}`]
    }),
  )
}

/**
 * What a package adds to the types of a host is there in all of an app's files, also where nothing is registered, and cannot
 * carry a type parameter of one BFF.
 *
 * @param {string} root
 * @param {Workspace} workspace
 */
function augmentationViolations(root, { folder }) {
  return listFiles(root, `${folder}/src`, ['.ts', '.tsx', '.mts']).flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    const augmented = /^ *declare (?:module ['"](?!@bff\/)|global\b).*?(?= *\{|$)/m.exec(text)
    return augmented === null
      ? []
      : [`${file}: ${augmented[0].trim()} augments what is not of @bff. Give the type where it is asked for.`]
  })
}

/**
 * Everything a source file imports: static, type-only, dynamic, `import('x').T` and re-exports.
 *
 * @param {string} text
 */
function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

/**
 * @param {Workspace} workspace
 * @param {string} file
 * @param {string} specifier
 */
function relativeProblem({ folder }, file, specifier) {
  const target = posix.normalize(posix.join(dirname(file), specifier))
  return target.startsWith(`${folder}/src/`)
    ? null
    : 'Source stays inside its own src: import the package by its name.'
}

/**
 * @param {Workspace} workspace
 * @param {readonly Workspace[]} workspaces
 * @param {Row | null} row
 * @param {string} specifier
 */
function packageProblem(workspace, workspaces, row, specifier) {
  // SvelteKit's aliases of an app's own folders. No package has such a name.
  if (specifier.startsWith('$')) return null
  if (isBuiltin(specifier))
    return row === null || row.node ? null : `@bff/${workspace.short} imports no Node module.`
  const name = packageName(specifier)
  const target = workspaces.find((other) => other.name === name)
  const problem = target === workspace ? null : dependencyProblem(workspace, target, row, name)
  if (problem !== null) return problem
  return target === undefined || isPublicEntry(target, specifier)
    ? null
    : `It is no public entry of ${name}: see "exports" in ${target.folder}/package.json.`
}

/**
 * @param {Workspace} workspace
 * @param {Workspace | undefined} target
 * @param {Row | null} row
 * @param {string} name
 */
function dependencyProblem({ short, folder, manifest }, target, row, name) {
  const { dependencies = {}, peerDependencies = {}, devDependencies = {} } = manifest
  if (row === null) {
    return name in dependencies || name in devDependencies
      ? null
      : `Declare ${name} in ${folder}/package.json.`
  }
  if (target !== undefined && target.kind !== 'packages') return 'No package imports an app or an example.'
  const allowed = [...row.bff.map((other) => `@bff/${other}`), ...(row.own ?? []), ...(row.host ?? [])]
  if (!allowed.includes(name)) return `The table of tools/boundaries.mjs does not let ${short} import it.`
  return name in dependencies || name in peerDependencies
    ? null
    : `Declare ${name} in ${folder}/package.json, as the table says.`
}

/** @param {string} specifier */
function packageName(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/**
 * @param {Workspace} target
 * @param {string} specifier
 */
function isPublicEntry({ name, manifest }, specifier) {
  return `.${specifier.slice(name.length)}` in (manifest.exports ?? {})
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const violations = [...findViolations(root), ...floorPlanProblems(root)]
  for (const violation of violations) console.error(violation)
  if (violations.length > 0) process.exitCode = 1
}
