import { migrations } from './migrations.ts'
import { type LawsInWorkerd, lawsIn, startWorkerd } from './workerd.ts'

/** Starts workerd with two Workers on one database of D1. */
export default async function startD1(): Promise<LawsInWorkerd> {
  const miniflare = await startWorkerd(
    { file: 'd1.worker.ts' },
    { d1Databases: { DB: 'sessions', BEHIND: 'sessions' } },
    { d1Databases: { DB: 'sessions' } },
  )
  const database = await miniflare.getD1Database('DB')
  for (const statement of migrations('sqlite')) await database.prepare(statement).run()
  return lawsIn(miniflare)
}
