import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { runTenants } from './run.ts'

const option = { type: 'string' } as const
const { values } = parseArgs({
  options: { tenants: option, origins: option, 'sign-ins': option, 'at-once': option, seed: option },
})
const seed = Number(values.seed ?? randomInt(1, 2 ** 31))
console.log(`seed ${seed} (again: --seed ${seed})`)
const { violations, heap, ...figures } = await runTenants({
  tenants: Number(values.tenants ?? 50),
  origins: Number(values.origins ?? 3),
  signIns: Number(values['sign-ins'] ?? 10_000),
  atOnce: Number(values['at-once'] ?? 32),
  seed,
})
console.table({ ...figures, 'heap MiB (start, full, end)': heap.join(', ') })
for (const violation of violations.slice(0, 20)) console.error(violation)
console.log(`${violations.length} violations`)
process.exitCode = violations.length === 0 ? 0 : 1
