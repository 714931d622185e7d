import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { handle } from '@bff/store-testkit/fixtures'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../src/sqlite/index.ts'
import { sqliteFile } from './sqlite.ts'

/** What a shell runs to let no file grow beyond 400 blocks: its writes fail then, as those on a full disk do. */
const FULL_AT_400_BLOCKS = `trap '' XFSZ; ulimit -f 400; exec "$@"`

test('SQLite on a full disk acknowledges nothing that is not stored afterwards', async () => {
  const { path, remove } = sqliteFile()
  onTestFinished(remove)
  const worker = fileURLToPath(new URL('disk-full.worker.ts', import.meta.url))
  const node = [process.execPath, '--import', 'tsx', '--conditions=@bff/source', worker, path]
  const { stdout } = await promisify(execFile)('sh', ['-c', FULL_AT_400_BLOCKS, 'sh', ...node])
  const { created, rotated, revoked, taken } = JSON.parse(stdout)

  const { sessions, ttl } = sqliteStore({ path })
  onTestFinished(() => sessions.close())
  const find = async (name: string) => ({ name, ...(await sessions.get(handle(name))) })
  expect(created.length).toBeGreaterThan(0)
  for (const name of created) expect(await find(name)).toHaveProperty('version')
  for (const name of rotated) expect(await find(name)).toMatchObject({ secretHash: 'rotated' })
  for (const name of revoked) expect(await find(name)).toMatchObject({ revocation: { reasonCode: 'logout' } })
  for (const name of taken) expect(await ttl.get(name)).toBeNull()
})
