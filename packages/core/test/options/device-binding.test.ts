import { testOptions } from '@bff/test-support/options'
import { type DeviceBindingOptions, deviceBinding } from '../../src/device-binding/index.ts'
import { BindingBrowser, offerIn } from '../device-binding/software-browser.ts'
import { jsonOf, setCookies, world } from '../world.ts'

/** What a browser is offered, and what it gets for its registration. */
async function registered(options: DeviceBindingOptions) {
  const { bff } = world({ plugins: [deviceBinding(options)] })
  const browser = new BindingBrowser(bff)
  const offer = offerIn(await browser.signIn())
  const reply = await browser.register(offer)
  return { offer, rules: jsonOf(reply), cookie: setCookies(reply)[0] ?? '' }
}

testOptions<DeviceBindingOptions>('DeviceBindingOptions', {
  mode: {
    set: 'require',
    see: async (options) => {
      const { browser, clock } = world({ plugins: [deviceBinding(options)] })
      const user = browser()
      await user.signIn()
      await clock.advance(60_000)
      return (await user.fetch('GET', '/bff/user')).status
    },
    shows: [200, 401],
  },
  proofLifeMs: {
    set: 300_000,
    see: async (options) => /Max-Age=\d+/.exec((await registered(options)).cookie)?.[0],
    shows: ['Max-Age=600', 'Max-Age=300'],
  },
  cookieName: {
    set: '__Host-proof',
    see: async (options) => {
      const { rules, cookie } = await registered(options)
      return [rules.session_identifier, rules.credentials[0].name, cookie.split('=')[0]]
    },
    shows: [Array(3).fill('__Host-bff-device'), Array(3).fill('__Host-proof')],
  },
  path: {
    set: '/proof',
    see: async (options) => {
      const { offer, rules } = await registered(options)
      return [offer.path, rules.refresh_url.replace(/[^/]+$/, '')]
    },
    shows: [
      ['/bff/device/register', '/bff/device/refresh/'],
      ['/proof/register', '/proof/refresh/'],
    ],
  },
  exclude: {
    set: ['/assets'],
    see: async (options) => (await registered(options)).rules.scope.scope_specification.slice(4),
    shows: [[], [{ type: 'exclude', path: '/assets' }]],
  },
  refreshInitiators: {
    set: ['mail.example.com'],
    see: async (options) => (await registered(options)).rules.allowed_refresh_initiators,
    shows: [undefined, ['mail.example.com']],
  },
})
