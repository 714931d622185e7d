import type { EndpointDescriptions } from '../contracts/endpoint.ts'
import type { PluginFactory } from '../contracts/plugin.ts'
import type { Reply } from '../contracts/reply.ts'
import type { Session } from '../contracts/session.ts'
import { BffError } from '../internal/bff-error.ts'
import { answer, BAD_REQUEST } from '../internal/describe.ts'
import { listOf, number, oneOf, path, pathBelow, text, token } from '../internal/option-rules.ts'
import { type OptionRule, readOptions } from '../internal/options.ts'
import { excludedPaths, type Settings } from './binding.ts'
import { createSessionCheck } from './check.ts'
import { issuedHandle } from './handle.ts'
import { offerOf } from './offer.ts'
import { refreshEndpoint } from './refresh.ts'
import { registerEndpoint } from './register.ts'

export interface DeviceBindingOptions {
  /**
   * `prefer` binds the sessions of browsers that can, and leaves all others as they are. `require` refuses a session that
   * no browser has bound within 60 seconds: 401 `device_required`. @default `prefer`
   */
  readonly mode?: 'prefer' | 'require'
  /**
   * How long one proof is good for, in milliseconds: a copied cookie jar works for at most this long, and 30 seconds for
   * requests in flight. From 300_000 to 3_600_000: below, browsers would sign more often than they allow themselves.
   * @default 600_000
   */
  readonly proofLifeMs?: number
  /** The name of the bound cookie. Browsers bind no cookie named `__Host-Http-…`. @default `__Host-bff-device` */
  readonly cookieName?: string
  /** The path of the two endpoints `register` and `refresh/<handle>`, absolute. @default `device` below `basePath` */
  readonly path?: string
  /**
   * More paths whose requests never wait for a proof, each with everything below it, such as `/assets`. They arrive
   * without one, so nothing there can use a session. The sign-in paths of the BFF are excluded anyway. @default none
   */
  readonly exclude?: readonly string[]
  /**
   * Hosts, such as `mail.example.com` or `*.example.com`, whose links to this origin let the browser prove itself first.
   * Only for `cookie.sameSite: 'lax'`: such a link then arrives signed in, also after the last proof. @default none
   */
  readonly refreshInitiators?: readonly string[]
}

/** The plugin, and what an app needs for sessions that it makes itself. */
export interface DeviceBinding extends PluginFactory {
  /**
   * Returns the header that offers a browser to bind a session, to send with the cookie of `bff.sessions.create`. Every
   * reply of the BFF that sets a new session's cookie has it already. `null` on `http://localhost`, where no browser binds.
   *
   * @throws BffError `invalid_argument` before `createBff` has made the plugin
   * @example
   * ```ts
   * import type { Bff } from '@bff/core'
   * import { type DeviceBinding } from '@bff/core/device-binding'
   *
   * export async function signInAs(userId: string, bff: Bff, binding: DeviceBinding) {
   *   const { session, cookie } = await bff.sessions.create({ userId })
   *   const offer = await binding.offer(session)
   *   return [['set-cookie', cookie], ...(offer === null ? [] : [offer])]
   * }
   * ```
   */
  offer(session: Pick<Session, 'handle'>): Promise<readonly [name: string, value: string] | null>
}

const bindable: OptionRule<string> = (value, invalid) => {
  const name = token('__Host-bff-device')(value ?? '__Host-bff-device', invalid)
  if (/^__host-http-/i.test(name))
    throw invalid('must not begin with __Host-Http-: browsers bind no such cookie')
  return name
}

/**
 * Binds sessions to the browser that signed in, with Device Bound Session Credentials (a W3C draft): a
 * stolen session cookie is useless without the key that never leaves the browser.
 *
 * The session cookie stays as it is. A second cookie lives for `proofLifeMs`; when it has expired, the browser gets a new one
 * for a signature before it sends the next request. A request with the session cookie alone gets 401 `device_unproven`, and the
 * event `device.unproven` names their address. On `http://localhost` it binds nothing.
 *
 * @throws BffError `invalid_config`
 * @example
 * ```ts
 * import { type BffConfig, createBff } from '@bff/core'
 * import { deviceBinding } from '@bff/core/device-binding'
 *
 * export const bound = (config: BffConfig) => createBff({ ...config, plugins: [deviceBinding()] })
 * ```
 */
export function deviceBinding(options: DeviceBindingOptions = {}): DeviceBinding {
  const {
    path: pathOf,
    exclude,
    ...given
  } = readOptions('deviceBinding', options, {
    mode: oneOf(['prefer', 'require']),
    proofLifeMs: number(600_000, 300_000, 3_600_000),
    cookieName: bindable,
    path: pathBelow('device'),
    exclude: listOf(path('/assets')),
    refreshInitiators: listOf(text()),
  })
  let offer: DeviceBinding['offer'] = async () => {
    throw new BffError('invalid_argument', 'No BFF has this deviceBinding() yet. Give it to createBff first.')
  }

  const plugin: PluginFactory = (context) => {
    const { options, requests, emit } = context
    if (options.sessionCookie.partitioned)
      throw new BffError(
        'invalid_config',
        'deviceBinding: browsers bind no session in a frame of another site. Leave it out.',
      )
    if (!options.secure) {
      offer = async () => null
      emit({ type: 'config.insecure', ...PLAIN_HTTP })
      return {}
    }
    const settings: Settings = { ...given, path: pathOf(options.basePath), excluded: [] }
    offer = ({ handle }) => offerOf(context, settings, handle)

    return {
      endpoints: {
        [`${settings.path}/register`]: {
          methods: { POST: registerEndpoint(context, settings) },
          csrfExempt: ['POST'],
          limit: 'none',
          describe: () => describing('bff-device-register', 'Bind a new session to the key of this browser'),
        },
        [`${settings.path}/refresh/*`]: {
          methods: { POST: refreshEndpoint(context, settings) },
          csrfExempt: ['POST'],
          limit: 'none',
          describe: () =>
            describing('bff-device-refresh', 'Prove that this browser has the key of a session'),
        },
      },
      async middleware(request, _path, next) {
        const reply = await next()
        const handle = issuedHandle(reply, options.cookieName)
        if (handle === null) return reply
        // A rotation: the session is bound already, or was offered.
        const had = await requests.load(request).catch(() => null)
        if (had !== null && 'session' in had && had.session.handle === handle) return reply
        return withHeader(reply, await offerOf(context, settings, handle))
      },
      checkSession: createSessionCheck(context, settings),
      onReady() {
        settings.excluded = excludedPaths(settings.path, exclude, context.endpoints)
      },
    }
  }
  return Object.assign(plugin, { offer: (session: Pick<Session, 'handle'>) => offer(session) })
}

const withHeader = (reply: Reply, header: readonly [string, string]): Reply => ({
  ...reply,
  headers: [...reply.headers, header],
})

const PLAIN_HTTP = {
  option: 'deviceBinding',
  message:
    'Browsers bind no session on plain http, so none is bound here. Use an https origin, also on localhost.',
}

const describing = (operationId: string, summary: string): EndpointDescriptions => ({
  POST: {
    operationId,
    summary,
    responses: {
      200: answer('The key is proven: the bound cookie, and how to go on.', { type: 'object' }),
      ...BAD_REQUEST,
      404: { $ref: '#/components/responses/NotFound' },
    },
    session: false,
  },
})
