import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ERRORS } from '../../packages/core/src/contracts/error-codes.ts'

const page = readFileSync(new URL('../../docs/operate/troubleshooting.md', import.meta.url), 'utf8')
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading)

const UNAVAILABLE = Object.entries(ERRORS).flatMap(([code, [status]]) => (status === 503 ? [code] : []))

it.each(UNAVAILABLE)('docs/operate/troubleshooting.md has a runbook for the 503 %s', (code) => {
  expect(headings).toContain(`\`${code}\``)
})

it.each(['session.theft', 'device.theft'])('docs/operate/troubleshooting.md has a runbook for %s', (type) => {
  expect(headings).toContain(`\`${type}\``)
})
