import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type RedisServer, type Server, startPostgres, startRedis } from '@bff/servers'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { copyTarballs, localVersions, packPackages } from '../../../tools/tarballs.mjs'
import { packagesOf, writeApp } from '../src/index.ts'
import { COMBINATIONS } from './apps.ts'
import { expectJourney, startApp, startBuiltApp } from './started-app.ts'

/** `BFF_APPS='koa|react-router-memory'` chooses some. */
const CHOSEN = COMBINATIONS.filter((answers) =>
  new RegExp(process.env['BFF_APPS'] ?? '').test(answers.folder),
)

let folder: string
let redis: RedisServer | undefined
let postgres: Server | undefined

/** Installs once what all apps declare together. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bff-apps-'))
  const tarballs = await packPackages(CHOSEN.flatMap(packagesOf))
  const versions = localVersions(tarballs)
  const all = { dependencies: {}, devDependencies: {}, allowScripts: {} }
  for (const answers of CHOSEN) {
    writeApp(join(folder, answers.folder), answers, versions)
    const manifest = JSON.parse(readFileSync(join(folder, answers.folder, 'package.json'), 'utf8'))
    Object.assign(all.dependencies, manifest.dependencies)
    Object.assign(all.devDependencies, manifest.devDependencies)
    Object.assign(all.allowScripts, manifest.allowScripts)
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(all))
  copyTarballs(folder, tarballs)
  npm(folder, ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    npm_config_better_sqlite3_local_prebuilds: prebuiltSqlite(join(folder, 'prebuilt')),
  })
  redis = await startRedis()
  postgres = await startPostgres()
})

afterAll(async () => {
  await redis?.stop()
  await postgres?.stop()
  rmSync(folder, { recursive: true })
})

/**
 * Packs the workspace's binary of better-sqlite3 as its install script finds it on GitHub, because compiling takes minutes
 * where GitHub cannot be reached. The script compiles when the name is another one.
 */
function prebuiltSqlite(to: string): string {
  const manifest = createRequire(import.meta.url).resolve('better-sqlite3/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'))
  const { platform, arch, versions } = process
  const name = `better-sqlite3-v${version}-node-v${versions.modules}-${platform}-${arch}.tar.gz`
  mkdirSync(to)
  execFileSync('tar', ['-czf', join(to, name), '-C', dirname(manifest), 'build/Release/better_sqlite3.node'])
  return to
}

function npm(cwd: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, NODE_OPTIONS: '', NODE_ENV: '', VITEST: '', ...more }
  execFileSync('npm', args, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
}

const servers = () => ({ REDIS_URL: redis?.url ?? '', DATABASE_URL: postgres?.url ?? '' })

describe.each(CHOSEN)('$framework with sessions in $store', (answers) => {
  const installed = () => join(folder, 'node_modules')
  const own = () => join(folder, answers.folder, 'node_modules')
  // A bundler refuses files outside the app, to which a link would lead.
  beforeAll(() => renameSync(installed(), own()))
  afterAll(() => renameSync(own(), installed()))

  it('signs a user in while it is developed, passes its tests and compiles', async () => {
    const app = join(folder, answers.folder)
    await expectJourney(await startApp(app, servers()))
    npm(app, ['test'])
    npm(app, ['run', 'typecheck'])
  })

  it('is built, and signs a user in in production', async () => {
    const app = join(folder, answers.folder)
    npm(app, ['run', 'build', '--if-present'])
    await expectJourney(await startBuiltApp(app, servers()))
  })
})
