import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, expectJourney } from './journey.ts'
import { BETTER_AUTH, CONFIGURED, filesOf, MOVES, type Move } from './moves.ts'
import { startApp } from './start-app.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** `pnpm test:docs` runs all of them, CI the first. */
const RUN = process.env['BFF_DOCS'] === 'all' ? MOVES : MOVES.slice(0, 1)

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser?.close())

const newPage = async () => (await newContext(browser)).newPage()
const textOf = async (page: Page) => (await page.locator('pre').textContent()) ?? ''

// Next is built first.
describe.each(RUN)('from $folder', { timeout: 600_000 }, (move) => {
  const { profile, callsApi } = move
  it('the app before signs in, calls the API and signs out', async () => {
    const origin = await startApp(move, 'before')
    const page = await newPage()
    await move.signIn(page, origin)
    await signInAtProvider(page)
    await page.waitForURL((url) => url.origin === origin)
    await page.goto(`${origin}/profile`)
    expect(JSON.parse(await textOf(page))).toEqual(profile)
    if (callsApi) expect((await call(page, `${origin}/orders`)).text).toContain('2BD8-1001')
    await move.signOut(page, origin)
    // To the sign-in.
    expect([302, 303, 307]).toContain((await call(page, `${origin}/profile`)).status)
  })

  it('the app after signs in, calls the API and signs out', async () => {
    const origin = await startApp(move, 'after')
    await expectJourney(await newPage(), origin, move)
  })
})

it.each([...MOVES, BETTER_AUTH, ...Object.values(CONFIGURED)])(
  'The guide from $folder shows the apps that these tests run',
  (move: Move) => {
    const guide = readFileSync(`${ROOT}/docs/guides/moving/${move.guide ?? move.folder}.md`, 'utf8')
    for (const side of ['before', 'after'] as const) {
      for (const file of filesOf(move, side)) {
        const code = readFileSync(`${ROOT}/examples/moving/${move.folder}/${file}`, 'utf8')
        expect(guide).toContain(`\`\`\`${languageOf(file)}\n${code}\`\`\`\n`)
      }
    }
  },
)

function languageOf(file: string): string {
  const extension = extname(file).slice(1)
  return { cfg: 'ini', conf: 'nginx', cs: 'csharp' }[extension] ?? extension
}
