import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listWorkspaces } from './packages.mjs'
import { bin, must, root, say } from './process.mjs'

const FOLDER = join(root, '.tools/tarballs')

/**
 * @param {string} folder of a built package
 * @param {string} tarball
 */
export function pack(folder, tarball) {
  execFileSync('pnpm', ['pack', '--out', tarball], { cwd: folder, stdio: 'pipe' })
}

/**
 * Builds and packs every package, as npm would have them.
 *
 * @returns {Promise<Map<string, string>>} the path of the tarball by the name of the package
 */
export async function packPackages() {
  say('Building and packing the packages')
  await must('The packages do not build; mend that first.', bin('turbo'), [
    'run',
    'build',
    '--filter=./packages/*',
    '--output-logs=errors-only',
  ])
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const packages = listWorkspaces(root).filter(({ kind }) => kind === 'packages')
  return new Map(
    packages.map(({ folder, short, name }) => {
      const tarball = join(FOLDER, `${short}.tgz`)
      pack(join(root, folder), tarball)
      return [name, tarball]
    }),
  )
}

/**
 * What `package.json` of an app says for a package until the packages are on npm: a tarball in the app's folder `.bff` for one of
 * this workspace, and for all others the version that create-bff is packed with.
 *
 * @param {ReadonlyMap<string, string>} tarballs
 * @returns {(name: string) => string}
 */
export function localVersions(tarballs) {
  const text = execFileSync('tar', ['-xzOf', tarballs.get('create-bff') ?? '', 'package/package.json'])
  const { devDependencies } = JSON.parse(text.toString())
  return (name) => {
    const tarball = tarballs.get(name)
    return tarball === undefined ? `^${devDependencies[name]}` : `file:.bff/${basename(tarball)}`
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
  const tarballs = await packPackages()
  const create = await import(join(root, 'packages/create-bff/dist/index.js'))
  const output = {
    out: say,
    err: say,
    isInteractive: Boolean(process.stdin.isTTY && process.stdout.isTTY),
  }
  const { exitCode, folder } = await create.run(args, output, localVersions(tarballs))
  if (folder !== undefined) copyTarballs(folder, tarballs)
  process.exitCode = exitCode
}
