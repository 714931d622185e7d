import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { buildSync } from 'esbuild'
import { stderrOf } from './core-bundle.mjs'
import { linkDependencies, listWorkspaces } from './packages.mjs'
import { pack } from './tarballs.mjs'

/** Scripts npm runs on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare']

/**
 * Packs every published package, unpacks it as an app would have it, and loads each of its entries: as it is, and
 * bundled into one file.
 *
 * @param {string} root
 * @returns {string[]} what is wrong, in sentences
 */
export function packedProblems(root) {
  const target = join(root, '.tools/packed')
  rmSync(target, { recursive: true, force: true })
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  for (const { folder, name } of packages) unpack(join(root, folder), join(target, 'node_modules', name))
  for (const { folder } of packages) linkDependencies(join(root, folder), join(target, 'node_modules'))
  return packages.flatMap(({ name, manifest: own }) => {
    const manifest = readFileSync(join(target, 'node_modules', name, 'package.json'), 'utf8')
    const missing = Object.keys(own.exports ?? {}).filter((entry) => !(entry in JSON.parse(manifest).exports))
    return [
      ...missing.map((entry) => `${name}: publishConfig.exports lacks ${entry}, which exports has.`),
      ...manifestProblems(name, manifest),
      ...loadProblems(target, name, manifest),
    ]
  })
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
function loadProblems(folder, name, manifest) {
  const entries = Object.keys(JSON.parse(manifest).exports).filter((entry) => !entry.endsWith('.json'))
  return entries.flatMap((entry) => {
    const specifier = name + entry.slice(1)
    return [
      ...importProblem(folder, specifier, `${specifier} does not load`),
      ...bundleProblem(folder, specifier),
    ]
  })
}

/** Frameworks that bundle an app themselves, and Nest, which imports packages that an app need not have. */
const HOSTS = ['next', 'next/*', 'nuxt/*', 'react', 'react-dom', '@nestjs/*']

/** CommonJS dependencies call `require`, which a bundle in ESM lacks. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

/**
 * As an app deploys that puts everything into one file: drivers and all.
 *
 * @param {string} folder
 * @param {string} specifier
 */
function bundleProblem(folder, specifier) {
  const file = join(folder, 'bundles', `${specifier.replace(/\W+/g, '-')}.mjs`)
  try {
    buildSync({
      // The default export too, which `export *` leaves out.
      stdin: {
        contents: `import * as entry from ${JSON.stringify(specifier)}; export default Object.keys(entry)`,
        resolveDir: folder,
      },
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: HOSTS,
      banner: { js: REQUIRE },
      logLevel: 'silent',
    })
  } catch (error) {
    return [`${specifier} cannot be bundled: ${error instanceof Error ? error.message : error}`]
  }
  return importProblem(
    folder,
    `./${relative(folder, file)}`,
    `${specifier} in one file of esbuild does not load`,
  )
}

/**
 * @param {string} folder
 * @param {string} specifier
 * @param {string} problem
 */
function importProblem(folder, specifier, problem) {
  try {
    const code = `const found = await import(${JSON.stringify(specifier)}); if (Object.keys(found).length === 0) throw new Error('it exports nothing')`
    execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: realpathSync(folder),
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    const text = stderrOf(error)
    return [`${problem}: ${/Error.*/.exec(text)?.[0] ?? text}`]
  }
}
