import { execFile } from 'node:child_process'
import { existsSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listFiles, listWorkspaces } from './packages.mjs'
import { Failure, root } from './process.mjs'

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

/** Next says so when somebody else builds the same app right now. */
const BUILT_ELSEWHERE = /Another .*process is already running/
const WAIT_MS = 500

/**
 * Makes the production build of a Next app, unless there is one newer than all it is made of; waits for one that somebody
 * else is making.
 *
 * @param {string} app the Next app's folder
 */
export async function buildNext(app) {
  const next = createRequire(join(app, 'package.json')).resolve('next/dist/bin/next')
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production', NO_COLOR: '1' }
  while (!isFresh(app)) {
    const begun = new Date()
    const { status, stdout, stderr } = await outcomeOf([next, 'build', app], env)
    if (status === 0) {
      writeFileSync(stampOf(app), '')
      // A source that changed meanwhile is newer than this.
      utimesSync(stampOf(app), begun, begun)
      return
    }
    if (!BUILT_ELSEWHERE.test(stdout + stderr))
      throw new Failure(`${stdout}${stderr}\nNext could not build the app; the lines above say why.`)
    await setTimeout(WAIT_MS)
  }
}

/** Of the last build that ended well: a build begins with removing it. */
const stampOf = (/** @type {string} */ app) => join(app, '.next/complete')

/**
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
 */
function outcomeOf(args, env) {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env, maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : 1, stdout, stderr }),
    )
  })
}

/** @param {string} app */
function isFresh(app) {
  const stamp = stampOf(app)
  if (!existsSync(stamp)) return false
  const { mtimeMs } = statSync(stamp)
  return sourcesOf(app).every((file) => statSync(join(root, file)).mtimeMs < mtimeMs)
}

/** @param {string} app */
function sourcesOf(app) {
  const own = listFiles(root, relative(root, app), [
    '.ts',
    '.tsx',
    '.js',
    '.jsx',
    '.mjs',
    '.json',
    '.css',
    '.svg',
  ])
  const packages = listWorkspaces(root).flatMap(({ kind, folder }) =>
    kind === 'packages'
      ? listFiles(root, `${folder}/src`, ['.ts', '.tsx'])
      : [
          ...listFiles(root, `${folder}/public`, ['.css', '.js']),
          ...listFiles(root, `${folder}/src/panels`, ['.ts']),
        ],
  )
  return [
    ...own.filter((file) => !/\/(?:\.next\/|next-env\.d\.ts$)/.test(file)),
    ...packages,
    'pnpm-lock.yaml',
    'tools/next-build.mjs',
  ]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildNext(process.cwd())
