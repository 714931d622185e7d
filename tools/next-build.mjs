import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles, listWorkspaces } from './packages.mjs'
import { must, root } from './process.mjs'

/**
 * What Turbopack needs to read the packages of this workspace from their source, as tests and type checks do: it knows no
 * export conditions of ours.
 *
 * @param {string} app the Next app's folder
 */
export function fromSource(app) {
  /** @type {Record<string, string>} */
  const resolveAlias = {}
  for (const { kind, folder, name, manifest } of listWorkspaces(root)) {
    if (kind !== 'packages') continue
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (typeof target !== 'object' || target === null || !('@bff/source' in target)) continue
      resolveAlias[name + entry.slice(1)] = relative(app, join(root, folder, String(target['@bff/source'])))
    }
  }
  return { root, resolveAlias }
}

/**
 * Makes the production build of a Next app, unless there is one newer than all it is made of.
 *
 * @param {string} app the Next app's folder
 */
export async function buildNext(app) {
  if (isFresh(app)) return
  const next = createRequire(join(app, 'package.json')).resolve('next/dist/bin/next')
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' }
  await must(
    'Next could not build the app; the lines above say why.',
    process.execPath,
    [next, 'build', app],
    {
      env,
      quiet: true,
    },
  )
}

/** @param {string} app */
function isFresh(app) {
  const built = join(app, '.next/BUILD_ID')
  if (!existsSync(built)) return false
  const { mtimeMs } = statSync(built)
  return sourcesOf(app).every((file) => statSync(join(root, file)).mtimeMs < mtimeMs)
}

/** @param {string} app */
function sourcesOf(app) {
  const own = listFiles(root, relative(root, app), ['.ts', '.tsx', '.mjs', '.json', '.css', '.svg'])
  const packages = listWorkspaces(root).flatMap(({ kind, folder }) =>
    kind === 'packages'
      ? listFiles(root, `${folder}/src`, ['.ts', '.tsx'])
      : listFiles(root, `${folder}/public`, ['.css']),
  )
  return [
    ...own.filter((file) => !/\/(?:\.next\/|next-env\.d\.ts$)/.test(file)),
    ...packages,
    'pnpm-lock.yaml',
    'tools/next-build.mjs',
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildNext(process.cwd())
