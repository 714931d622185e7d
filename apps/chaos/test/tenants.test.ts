import { expect, it } from 'vitest'
import { runTenants } from '../src/tenants/run.ts'

it('keeps tenants apart while one is added, changed and removed, and reads the metadata of each once', async () => {
  const signIns = 160
  const report = await runTenants({ tenants: 6, origins: 3, signIns, atOnce: 8, seed: 7 })
  expect(report.violations).toEqual([])
  expect(report.discoveries).toBe(1)
  expect(report.signIns).toBeGreaterThan(signIns * 0.95)
  for (const some of [report.refreshes, report.signOuts, report.backChannelLogouts, report.kept])
    expect(some).toBeGreaterThan(20)
})
