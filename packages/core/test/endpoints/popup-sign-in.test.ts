import { describe, expect, it } from 'vitest'
import { popupSignIn } from '../../src/endpoints/index.ts'
import { headerOf, request, world } from '../world.ts'

const pageOf = async (basePath?: string) => {
  const { bff } = world({ plugins: [popupSignIn()], ...(basePath !== undefined && { basePath }) })
  const path = `${basePath === '/' ? '' : (basePath ?? '/bff')}/popup`
  return bff.handle(request('GET', path, { 'sec-fetch-mode': 'navigate', 'sec-fetch-site': 'same-origin' }))
}

describe('popupSignIn()', () => {
  it.each([
    [undefined, '@bff/client/bff'],
    ['/shop/bff', '@bff/client/shop/bff'],
    ['/', '@bff/client'],
  ])(
    'with basePath %s tells the tabs of its client, runs no other script, and is never kept',
    async (basePath, channel) => {
      const reply = await pageOf(basePath)
      if (reply === undefined) throw new Error('There is no page.')
      expect(reply.status).toBe(200)
      const nonce = /script nonce="([\w-]+)"/.exec(String(reply.body))?.[1]
      expect(headerOf(reply, 'content-security-policy')).toContain(`script-src 'nonce-${nonce}'`)
      expect(headerOf(reply, 'cache-control')).toBe('no-store')
      expect(String(reply.body)).toContain(`new BroadcastChannel("${channel}")`)
      expect(reply.headers.some(([name]) => name === 'set-cookie')).toBe(false)
    },
  )

  it('has a new nonce each time', async () => {
    const [first, second] = [await pageOf(), await pageOf()]
    expect(first?.body).not.toBe(second?.body)
  })

  it('is not there without the plugin', async () => {
    const reply = await world().bff.handle(request('GET', '/bff/popup'))
    expect(reply?.status).toBe(404)
  })
})
