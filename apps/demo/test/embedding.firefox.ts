import { afterAll, beforeAll, expect, it } from 'vitest'
import { selfSignedCertificate } from '../src/certificate.ts'
import { type Firefox, idOf, launchFirefox } from './support/firefox.ts'
import { framedSite } from './support/framed-site.ts'

const certificate = selfSignedCertificate()

let firefox: Firefox
beforeAll(async () => {
  firefox = await launchFirefox()
}, 60_000)
afterAll(() => firefox?.close())

const click = async (css: string) =>
  firefox.send('WebDriver:ElementClick', { id: idOf(await firefox.find(css)) })
const open = (url: string) => firefox.send('WebDriver:Navigate', { url })
const enterFrame = async () =>
  firefox.send('WebDriver:SwitchToFrame', { element: idOf(await firefox.find('iframe')) })
const heading = async () => {
  const { value } = await firefox.send<{ value: string }>('WebDriver:GetElementText', {
    id: idOf(await firefox.find('h1')),
  })
  return value
}

it('signs a frame of another site in by a popup, and the session is that of the frame alone [EMB-01]', async () => {
  const { bff, origin, portal } = await framedSite(certificate)
  await open(portal)
  await enterFrame()
  await expect.poll(heading, { timeout: 20_000 }).toBe('signed-out')
  const [first] = await firefox.send<string[]>('WebDriver:GetWindowHandles')
  await click('#in')
  const popup = async () =>
    (await firefox.send<string[]>('WebDriver:GetWindowHandles')).find((one) => one !== first)
  await expect.poll(popup, { timeout: 20_000 }).toBeDefined()
  await firefox.send('WebDriver:SwitchToWindow', { handle: await popup() })
  await click('a')
  await expect.poll(popup, { timeout: 20_000 }).toBeUndefined()

  await firefox.send('WebDriver:SwitchToWindow', { handle: first })
  await enterFrame()
  await expect.poll(heading, { timeout: 20_000 }).toBe('Hello, alice')
  await open(portal)
  await enterFrame()
  await expect.poll(heading, { timeout: 20_000 }).toBe('Hello, alice')
  expect(await bff.sessions.countActive({ userId: 'alice' })).toBe(1)
  await open(`${origin}/`)
  await expect.poll(heading, { timeout: 20_000 }).toBe('signed-out')
})
