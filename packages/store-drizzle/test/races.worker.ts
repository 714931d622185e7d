import type { Race } from './races.test.ts'
import { openForRaces } from './races.ts'

/** The other process: it refreshes, updates and touches sessions that its parent signs out. */
const [engine = '', address = ''] = process.argv.slice(2)
const { sessions } = openForRaces(engine, address)

process.on('message', (races: readonly Race[] | 'end') => {
  if (races === 'end') return void sessions.close().then(() => process.disconnect())
  void Promise.allSettled(races.map(write)).then((outcomes) => {
    const fault = outcomes.find((outcome) => outcome.status === 'rejected')
    process.send?.(fault ? String(fault.reason) : null)
  })
})
process.send?.('ready')

async function write({ handle, kind, at }: Race): Promise<void> {
  const patch = { updatedAt: at, accessTokenEncrypted: new Uint8Array([1, 2, 3]) }
  if (kind === 'touch') {
    await sessions.touch(handle, at, at + 1000)
  } else if (kind === 'update') {
    await sessions.update(handle, patch, 1)
  } else {
    // A refresh: read, ask the provider, write against the version that was read.
    const record = await sessions.get(handle)
    await sessions.update(handle, { ...patch, organizationId: 'moved' }, record?.version ?? 1)
  }
}
