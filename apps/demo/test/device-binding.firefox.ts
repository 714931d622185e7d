import { afterAll, beforeAll, expect, it } from 'vitest'
import { selfSignedCertificate } from '../src/certificate.ts'
import { type BoundSite, type BoundSiteOptions, boundSite } from './support/bound-site.ts'
import { type Firefox, idOf, launchFirefox } from './support/firefox.ts'

const MINUTE = 60_000
const certificate = selfSignedCertificate()

let firefox: Firefox
beforeAll(async () => {
  firefox = await launchFirefox()
}, 60_000)
afterAll(() => firefox?.close())

async function signedIn(options: BoundSiteOptions): Promise<BoundSite> {
  const site = await boundSite(certificate, options)
  await firefox.send('WebDriver:Navigate', { url: `${site.origin}/bff/login` })
  await firefox.send('WebDriver:ElementClick', { id: idOf(await firefox.find('a')) })
  const heading = async () =>
    (
      await firefox.send<{ value: string }>('WebDriver:GetElementText', {
        id: idOf(await firefox.find('h1')),
      })
    ).value
  await expect.poll(heading, { timeout: 20_000 }).toBe('Hello, alice')
  return site
}

/** What the page's own script gets of the BFF. */
async function user(): Promise<{ status: number; error?: string }> {
  const { value } = await firefox.send<{ value: { status: number; error?: string } }>(
    'WebDriver:ExecuteAsyncScript',
    {
      script: `const [done] = arguments
      fetch('/bff/user', { headers: { 'x-csrf': '1' } }).then(async (answer) => {
        const { error } = await answer.json()
        done({ status: answer.status, error })
      })`,
      args: [],
    },
  )
  return value
}

it('Firefox, which binds nothing, stays signed in under prefer', async () => {
  const site = await signedIn({})
  site.advance(60 * MINUTE)
  expect((await user()).status).toBe(200)
  expect(site.events.filter(({ type }) => type === 'device.bound')).toEqual([])
})

it('Firefox is refused under require, with a code that says why', async () => {
  const site = await signedIn({ binding: { mode: 'require' } })
  site.advance(MINUTE)
  expect(await user()).toEqual({ status: 401, error: 'device_required' })
})
