import { manualClock } from '@bff/test-support/clock'
import { expect, test } from 'vitest'
import { memoryStore } from '../../../store-memory/src/index.ts'
import { generateEncryptionKey } from '../../src/index.ts'
import { Browser, jsonOf, setCookies, world } from '../world.ts'

const [OLD, NEW] = [generateEncryptionKey(), generateEncryptionKey()]

/** Processes of one app over one store, each with its keys. */
function deployment() {
  const clock = manualClock()
  const store = memoryStore({ clock })
  return (...encryptionKeys: string[]) => world({ clock, store, encryptionKeys })
}

test('A rolling deployment in the three documented steps never meets a session it cannot open', async () => {
  const deploy = deployment()
  let running = [deploy(OLD), deploy(OLD)]
  const browsers: Browser[] = []
  const useEverySessionInEveryProcess = async () => {
    for (const { bff } of running) {
      const browser = new Browser(bff)
      await browser.signIn()
      browsers.push(browser)
    }
    for (const { bff } of running)
      for (const browser of browsers) {
        const reply = await bff.handle(browser.view('GET', '/bff/user'))
        expect(reply?.status).toBe(200)
      }
  }
  for (const keys of [
    [OLD, NEW],
    [NEW, OLD],
  ]) {
    await useEverySessionInEveryProcess()
    running = [deploy(...keys), ...running.slice(1)]
    await useEverySessionInEveryProcess()
    running = [deploy(...keys), deploy(...keys)]
    await useEverySessionInEveryProcess()
  }
})

test('A process without the key of a session answers 503 and leaves cookie and session alone', async () => {
  const deploy = deployment()
  const [newer, older] = [deploy(NEW, OLD), deploy(OLD)]
  const browser = newer.browser()
  await browser.signIn()
  const refused = await older.bff.handle(browser.view('GET', '/bff/user'))
  if (refused === undefined) throw new Error('not answered')
  expect([refused.status, jsonOf(refused).error]).toEqual([503, 'key_unavailable'])
  expect(setCookies(refused)).toEqual([])
  expect(refused.headers).toContainEqual(['retry-after', '1'])
  expect(older.events).toContainEqual(
    expect.objectContaining({ type: 'crypto.decrypt_failed', reason: 'unknown_key' }),
  )
  expect((await browser.fetch('GET', '/bff/user')).status).toBe(200)
})
