import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { build as rolldown } from 'rolldown'
import { stderrOf } from './core-bundle.mjs'
import { linkDependencies, listWorkspaces } from './packages.mjs'
import { pack } from './tarballs.mjs'

/** Scripts npm runs on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare']

/**
 * Packs every published package, unpacks it as an app would have it, and loads each of its entries: as it is, and
 * bundled into one file by esbuild and by rolldown.
 *
 * @param {string} root
 * @returns {Promise<string[]>} what is wrong, in sentences
 */
export async function packedProblems(root) {
  const target = join(root, '.tools/packed')
  rmSync(target, { recursive: true, force: true })
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  for (const { folder, name } of packages) unpack(join(root, folder), join(target, 'node_modules', name))
  for (const { folder } of packages) linkDependencies(join(root, folder), join(target, 'node_modules'))
  const problems = []
  for (const { name, manifest: own } of packages) {
    const manifest = readFileSync(join(target, 'node_modules', name, 'package.json'), 'utf8')
    const missing = Object.keys(own.exports ?? {}).filter((entry) => !(entry in JSON.parse(manifest).exports))
    problems.push(
      ...missing.map((entry) => `${name}: publishConfig.exports lacks ${entry}, which exports has.`),
      ...manifestProblems(name, manifest),
      ...(await loadProblems(target, name, manifest)),
    )
  }
  return problems
}

/**
 * @param {string} folder
 * @param {string} to
 */
function unpack(folder, to) {
  mkdirSync(to, { recursive: true })
  const tarball = join(to, 'package.tgz')
  pack(folder, tarball)
  execFileSync('tar', ['-xzf', tarball, '-C', to, '--strip-components=1'], { stdio: 'pipe' })
  rmSync(tarball)
}

/**
 * @param {string} name
 * @param {string} text
 */
function manifestProblems(name, text) {
  const { scripts = {} } = JSON.parse(text)
  return [
    ...['workspace:', 'catalog:', '@bff/source']
      .filter((word) => text.includes(word))
      .map((word) => `${name}: the packed package.json still says "${word}".`),
    ...INSTALL_SCRIPTS.filter((script) => script in scripts).map(
      (script) => `${name}: "${script}" would run on the machine of everyone who installs it (PKG-01).`,
    ),
  ]
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} manifest
 */
async function loadProblems(folder, name, manifest) {
  const entries = Object.keys(JSON.parse(manifest).exports).filter((entry) => !entry.endsWith('.json'))
  const problems = []
  for (const entry of entries) {
    const specifier = name + entry.slice(1)
    const found = await Promise.all([
      importProblem(folder, specifier, `${specifier} does not load`),
      bundleProblem(folder, specifier, 'esbuild', bundleWithEsbuild),
      bundleProblem(folder, specifier, 'rolldown', bundleWithRolldown),
    ])
    problems.push(...found.flat())
  }
  return problems
}

/** Frameworks that bundle an app themselves, and Nest, which imports packages that an app need not have. */
const HOSTS = ['next', 'next/*', 'nuxt/*', 'react', 'react-dom', '@nestjs/*']

/** CommonJS dependencies call `require`, which a bundle of esbuild in ESM lacks. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/**
 * As an app deploys that puts everything into one file: drivers and all.
 *
 * @param {string} folder
 * @param {string} specifier
 * @param {string} bundler
 * @param {(source: string, folder: string, file: string) => Promise<void>} bundle
 */
async function bundleProblem(folder, specifier, bundler, bundle) {
  const file = join(folder, 'bundles', bundler, `${specifier.replace(/\W+/g, '-')}.mjs`)
  try {
    // The default export too, which `export *` leaves out.
    const source = `import * as entry from ${JSON.stringify(specifier)}; export default Object.keys(entry)`
    await bundle(source, folder, file)
  } catch (error) {
    return [`${bundler} cannot bundle ${specifier}: ${error instanceof Error ? error.message : error}`]
  }
  return importProblem(
    folder,
    `./${relative(folder, file)}`,
    `${specifier} in one file of ${bundler} does not load`,
  )
}

/**
 * @param {string} contents
 * @param {string} folder
 * @param {string} file
 */
async function bundleWithEsbuild(contents, folder, file) {
  await build({
    stdin: { contents, resolveDir: folder },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: HOSTS,
    banner: { js: REQUIRE },
    logLevel: 'silent',
  })
}

const isHost = (/** @type {string} */ id) =>
  HOSTS.some((host) => (host.endsWith('*') ? id.startsWith(host.slice(0, -1)) : id === host))

/**
 * @param {string} contents
 * @param {string} folder
 * @param {string} file
 */
async function bundleWithRolldown(contents, folder, file) {
  const entry = file.replace(/mjs$/, 'entry.mjs')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(entry, contents)
  await rolldown({
    input: entry,
    cwd: folder,
    platform: 'node',
    external: isHost,
    logLevel: 'silent',
    // rolldown itself brings the `require` of CommonJS dependencies.
    output: { file, format: 'esm', codeSplitting: false },
  })
}

/**
 * @param {string} folder
 * @param {string} specifier
 * @param {string} problem
 */
async function importProblem(folder, specifier, problem) {
  try {
    const code = `const found = await import(${JSON.stringify(specifier)}); if (Object.keys(found).length === 0) throw new Error('it exports nothing')`
    const args = ['--input-type=module', '--eval', code]
    await promisify(execFile)(process.execPath, args, { cwd: realpathSync(folder) })
    return []
  } catch (error) {
    const text = stderrOf(error)
    return [`${problem}: ${/Error.*/.exec(text)?.[0] ?? text}`]
  }
}
