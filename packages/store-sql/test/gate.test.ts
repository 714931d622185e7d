import { expect, test } from 'vitest'
import { classifyMysql } from '../src/mysql/errors.ts'
import { classifyPostgres } from '../src/postgres/errors.ts'
import { classifySqlite } from '../src/sqlite/errors.ts'
import type { Classify } from '../src/store/errors.ts'
import { Gate } from '../src/store/gate.ts'

const ENGINES: readonly (readonly [Classify, conflicts: string[], others: string[]])[] = [
  [classifyPostgres, ['40001', '40P01'], ['23505', '22001', '57014', '57P01', 'CONNECTION_CLOSED', '']],
  [classifyMysql, ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'], ['ER_DUP_ENTRY', 'ECONNRESET', '']],
  [classifySqlite, ['SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'], ['SQLITE_FULL', 'SQLITE_CONSTRAINT_UNIQUE', '']],
]

test('a deadlock or failed serialization is tried again, nothing else is [STO-11, STO-13]', async () => {
  for (const [classify, conflicts, others] of ENGINES) {
    const gate = new Gate({ classify, operationTimeoutMs: 5000, maxPending: 10 })
    const run = async (code: string, failures: number) => {
      let calls = 0
      const outcome = await gate
        .run(async () => {
          if (++calls <= failures) throw Object.assign(new Error('outer'), { cause: { code } })
          return 'done'
        })
        .catch(() => 'failed')
      return { outcome, calls }
    }
    for (const code of conflicts) {
      expect(await run(code, 3), code).toEqual({ outcome: 'done', calls: 4 })
      expect(await run(code, 100), code).toEqual({ outcome: 'failed', calls: 8 })
    }
    for (const code of others) expect(await run(code, 1), code).toEqual({ outcome: 'failed', calls: 1 })
  }
})

test('an error that carries no code, or data in its place, becomes a fault without it', async () => {
  const gate = new Gate({ classify: classifyPostgres, operationTimeoutMs: 5000, maxPending: 10 })
  for (const error of [null, 'the-secret', { code: 'the secret' }, new Error('the-secret')]) {
    const failed = gate.run(() => Promise.reject(error))
    await expect(failed).rejects.toMatchObject({ code: 'store_unavailable', cause: { code: '' } })
    await expect(failed).rejects.not.toThrow('the-secret')
  }
})
