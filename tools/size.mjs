import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root as workspaceRoot } from './process.mjs'

/** The sizes of the last release, in bytes. `pnpm version` writes them. */
export const RECORD = 'docs/api/sizes.json'
const GROWTH = 1.03
const PACKAGES = ['packages/core', 'packages/client']
/** The name under which the record has what an app loads until its first user has signed in, called an API and signed out. */
const FIRST_USER = 'first user'

/**
 * What an app loads with an entry, before it calls anything: what is imported dynamically is not counted.
 *
 * @typedef {{ entry: string, bytes: number, files: readonly string[] }} Loaded
 */

/**
 * Every entry of core and client, bundled from its source, minified and compressed.
 *
 * @param {string} [root]
 * @returns {Promise<Loaded[]>}
 */
export async function measure(root = workspaceRoot) {
  const loaded = []
  for (const folder of PACKAGES) {
    /**
     * @type {{
     *   name: string, exports: Record<string, Record<string, string> | string>, peerDependencies?: Record<string, string>
     * }}
     */
    const {
      name,
      exports,
      peerDependencies = {},
    } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
    for (const [entry, target] of Object.entries(exports)) {
      if (typeof target === 'string') continue
      const source = join(root, folder, target['@bff/source'] ?? '')
      loaded.push({
        entry: name + entry.slice(1),
        ...(await load(root, source, Object.keys(peerDependencies))),
      })
    }
  }
  return [...loaded, { entry: FIRST_USER, ...(await loadForFirstUser(root)) }]
}

/**
 * What an app loads of core until its first user has signed out: it is run, so that a file counts where it is loaded, whether at
 * the start or later.
 *
 * @param {string} root
 * @returns {Promise<Omit<Loaded, 'entry'>>}
 */
export async function loadForFirstUser(root = workspaceRoot) {
  const folder = mkdtempSync(join(tmpdir(), 'bff-size-'))
  const note = '(globalThis.loadedFiles ??= new Set()).add(import.meta.url);\n'
  try {
    const { metafile } = await build({
      entryPoints: {
        core: join(root, 'packages/core/src/index.ts'),
        proxy: join(root, 'packages/core/src/proxy/index.ts'),
        'store-memory': join(root, 'packages/store-memory/src/index.ts'),
      },
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      platform: 'neutral',
      conditions: ['@bff/source'],
      banner: { js: note },
      outdir: folder,
      absWorkingDir: root,
      metafile: true,
    })
    const script = join(workspaceRoot, 'tools/first-user.mjs')
    /** @type {string[]} */
    const loaded = JSON.parse(execFileSync(process.execPath, [script, folder], { encoding: 'utf8' }))
    const outputs = Object.entries(metafile.outputs).filter(([path, { inputs }]) => {
      return loaded.includes(basename(path)) && Object.keys(inputs).every(isOfCore)
    })
    const text = outputs.map(([path]) => readFileSync(join(root, path), 'utf8').replace(note, '')).join('')
    const files = outputs.flatMap(([, { inputs }]) => Object.keys(inputs)).filter(isOfCore)
    return { bytes: gzipSync(text, { level: 9 }).length, files }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const isOfCore = (/** @type {string} */ file) => file.startsWith('packages/core/')

/**
 * @param {string} root
 * @param {string} source
 * @param {readonly string[]} hosts what the app already has
 */
async function load(root, source, hosts) {
  const { outputFiles, metafile } = await build({
    entryPoints: [source],
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    external: ['ipaddr.js', ...hosts],
    outdir: join(root, '.tools/size'),
    absWorkingDir: root,
    write: false,
    metafile: true,
  })
  // What is imported dynamically is an entry point of its own.
  const entry = Object.keys(metafile.outputs).find(
    (path) => metafile.outputs[path]?.entryPoint === relative(root, source),
  )
  const waiting = [entry ?? '']
  const seen = new Set()
  const files = new Set()
  let text = ''
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue
    seen.add(path)
    const output = metafile.outputs[path]
    text += outputFiles.find((file) => relative(root, file.path) === path)?.text ?? ''
    for (const input of Object.keys(output?.inputs ?? {})) files.add(input)
    for (const { kind, path: next, external } of output?.imports ?? [])
      if (kind === 'import-statement' && !external) waiting.push(next)
  }
  return { bytes: gzipSync(text, { level: 9 }).length, files: [...files] }
}

/**
 * What an app loads for nothing: files of another entry in the main entry of core.
 *
 * @param {readonly Loaded[]} loaded
 * @returns {string[]}
 */
export function isolationProblems(loaded) {
  const entries = loaded.map(({ entry }) => /^@bff\/core\/(.+)$/.exec(entry)?.[1]).filter(Boolean)
  return loaded.flatMap(({ entry, files }) => {
    if (entry !== '@bff/core') return []
    return files
      .filter((file) => entries.some((other) => file.startsWith(`packages/core/src/${other}/`)))
      .map((file) => `${entry} loads ${file}, which belongs to another entry.`)
  })
}

/**
 * @param {readonly Loaded[]} loaded
 * @param {Readonly<Record<string, number>>} record
 * @param {string} changesets the text of all changesets
 * @returns {string[]}
 */
export function sizeProblems(loaded, record, changesets) {
  return loaded.flatMap(({ entry, bytes }) => {
    const before = record[entry]
    const isExplained = changesets.split('\n').some((line) => line.startsWith(`Size of \`${entry}\`:`))
    if (before === undefined || bytes <= before * GROWTH || isExplained) return []
    return [
      `${entry} grew from ${before} to ${bytes} bytes. Say why in a changeset, in a line that starts with "Size of \`${entry}\`:".`,
    ]
  })
}

/** @param {string} [root] */
export async function entryProblems(root = workspaceRoot) {
  const loaded = await measure(root)
  return [...isolationProblems(loaded), ...sizeProblems(loaded, readRecord(root), readChangesets(root))]
}

/** @param {string} [root] */
export async function writeRecord(root = workspaceRoot) {
  const sizes = Object.fromEntries((await measure(root)).map(({ entry, bytes }) => [entry, bytes]))
  writeFileSync(join(root, RECORD), `${JSON.stringify(sizes, null, 2)}\n`)
}

/**
 * @param {string} root
 * @returns {Record<string, number>}
 */
function readRecord(root) {
  const file = join(root, RECORD)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** @param {string} root */
function readChangesets(root) {
  const folder = join(root, '.changeset')
  const files = readdirSync(folder).filter((name) => name.endsWith('.md'))
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n')
}
