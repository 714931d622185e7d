import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listWorkspaces } from './packages.mjs'
import { bin, Failure, must, root, say } from './process.mjs'

const FOLDER = join(root, '.tools/tarballs')

/**
 * @param {string} folder of a built package
 * @param {string} tarball
 */
export function pack(folder, tarball) {
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: folder, stdio: 'pipe' })
}

/**
 * Builds and packs packages of this workspace, and those of it that they need, as npm would have them. Tarballs of other packages
 * stay: an app may be installed from them.
 *
 * @param {readonly string[]} names such as `@bff/koa`; names of other packages are passed over
 * @returns {Promise<Map<string, string>>} the path of the tarball by the name of the package
 */
export async function packPackages(names) {
  const packages = withNeeded(names)
  say(`Building and packing ${packages.length} packages. The first time takes minutes.`)
  await must('The packages do not build; mend that first.', bin('turbo'), [
    'run',
    'build',
    // Without it turbo builds what the tests of a package use, too.
    '--only',
    '--output-logs=errors-only',
    ...packages.map(({ name }) => `--filter=${name}`),
  ])
  mkdirSync(FOLDER, { recursive: true })
  return new Map(
    packages.map(({ folder, short, name }) => {
      const tarball = join(FOLDER, `${short}.tgz`)
      pack(join(root, folder), tarball)
      return [name, tarball]
    }),
  )
}

/** @param {readonly string[]} names */
function withNeeded(names) {
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  const needed = new Set(names)
  // What is added on the way is visited, too.
  for (const name of needed) {
    const { dependencies = {}, peerDependencies = {} } =
      packages.find((one) => one.name === name)?.manifest ?? {}
    for (const inner of Object.keys({ ...dependencies, ...peerDependencies })) needed.add(inner)
  }
  return packages.filter(({ name }) => needed.has(name))
}

/**
 * What `package.json` of an app says for a package until the packages are on npm: a tarball in the app's folder `.bff` for one of
 * this workspace, and for all others the version that create-bff is tested with.
 *
 * @param {ReadonlyMap<string, string>} tarballs
 * @returns {(name: string) => string}
 */
export function localVersions(tarballs) {
  return (name) => {
    const tarball = tarballs.get(name)
    if (tarball !== undefined) return `file:.bff/${basename(tarball)}`
    const manifest = join(root, 'packages/create-bff/node_modules', name, 'package.json')
    return `^${JSON.parse(readFileSync(manifest, 'utf8')).version}`
  }
}

/**
 * @param {string} app
 * @param {ReadonlyMap<string, string>} tarballs
 */
export function copyTarballs(app, tarballs) {
  const file = join(app, 'package.json')
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  mkdirSync(join(app, '.bff'))
  /** @type {Record<string, string>} */
  const overrides = {}
  for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)]) {
    for (const inner of [name, ...dependenciesOf(tarballs.get(name))]) {
      const tarball = tarballs.get(inner)
      if (tarball === undefined) continue
      copyFileSync(tarball, join(app, '.bff', basename(tarball)))
      // npm looks for the dependencies of a package in its registry.
      if (inner !== name) overrides[inner] = `file:.bff/${basename(tarball)}`
    }
  }
  if (Object.keys(overrides).length > 0)
    writeFileSync(file, `${JSON.stringify({ ...manifest, overrides }, null, 2)}\n`)
}

/** @param {string | undefined} tarball */
function dependenciesOf(tarball) {
  if (tarball === undefined) return []
  const text = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'])
  return Object.keys(JSON.parse(text.toString()).dependencies ?? {})
}

/**
 * `npm create bff` from this repository.
 *
 * @param {readonly string[]} args
 */
export async function createApp(args) {
  const { tsImport } = await import('tsx/esm/api')
  const create = await tsImport('../packages/create-bff/src/index.ts', import.meta.url)
  const output = {
    out: say,
    err: say,
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  }
  /** @type {ReadonlyMap<string, string>} */
  let tarballs = new Map()
  const { exitCode, folder } = await create.run(
    args,
    output,
    async (/** @type {readonly string[]} */ packages) => {
      tarballs = await packPackages(packages)
      return localVersions(tarballs)
    },
  )
  if (folder !== undefined) copyTarballs(folder, tarballs)
  process.exitCode = exitCode
}

/**
 * Packs packages for an app that is not in this workspace.
 *
 * @param {readonly string[]} shorts such as `koa`, the folders of the packages
 */
export async function packFor(shorts) {
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  const wrong = shorts.filter((short) => packages.every((one) => one.short !== short))
  if (shorts.length === 0 || wrong.length > 0) {
    const names = packages.map(({ short }) => short).join(', ')
    throw new Failure(`Name packages, such as: pnpm tarballs oidc store-memory koa. There are: ${names}.`)
  }
  const named = packages.filter(({ short }) => shorts.includes(short)).map(({ name }) => name)
  const tarballs = await packPackages(named)
  say(`Packed. In the folder of your app:\n\n  npm install ${[...tarballs.values()].join(' ')}`)
}
