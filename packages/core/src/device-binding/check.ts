import type { PluginContext } from '../contracts/plugin.ts'
import type { RequestView } from '../contracts/request-view.ts'
import type { Session } from '../contracts/session.ts'
import { BffError, isBffError } from '../internal/bff-error.ts'
import { readCookie } from '../internal/http/cookie.ts'
import { pathOf } from '../internal/http/path-of.ts'
import { aboutRequest, type Settings } from './binding.ts'
import { IN_FLIGHT_MS, judgeBoundValue } from './bound-cookie.ts'
import { parseDeviceKey } from './device-key.ts'
import { BINDING_MS } from './offer.ts'

type Missing = 'missing' | 'expired' | 'invalid'

/**
 * Makes the check of every request with a session: a bound one needs its bound cookie, and in the mode `require` an unbound
 * one is refused once a browser had time to bind it. It reads and writes nothing.
 */
export function createSessionCheck(context: PluginContext, settings: Settings) {
  const { mode, cookieName } = settings
  const { encryptor, clock, emit } = context

  async function judge(request: RequestView, session: Session): Promise<'proven' | Missing> {
    const cookie = readCookie(request.header('cookie'), cookieName)
    if (cookie === null || cookie === 'duplicate') return 'missing'
    try {
      return await judgeBoundValue(encryptor, session.handle, cookie.value, clock.now())
    } catch (error) {
      if (isBffError(error, 'seal_broken')) return 'invalid'
      throw error
    }
  }

  /** Without a proof by design: people whose proof has expired sign in and out there. */
  function isExcluded({ target }: RequestView): boolean {
    const asked = pathOf(target)
    return settings.excluded.some((path) => asked === path || asked.startsWith(`${path}/`))
  }

  /** The registration's answer may not have reached the browser when it sent this. */
  function isJustBound(deviceKey: string): boolean {
    const key = parseDeviceKey(deviceKey)
    return key !== null && clock.now() < key.at + IN_FLIGHT_MS
  }

  return async (session: Session, request: RequestView): Promise<void> => {
    const { handle, userId, deviceKey, createdAt } = session
    if (deviceKey === null) {
      if (mode === 'require' && clock.now() >= createdAt + BINDING_MS) throw new BffError('device_required')
      return
    }
    const found = await judge(request, session)
    if (found === 'proven' || isJustBound(deviceKey)) return
    // The browser says that it could not reach the refresh endpoint, or may not sign now: an outage is not a sign-out.
    const isSkipped = request.header('secure-session-skipped') !== undefined
    if (!isExcluded(request))
      emit({
        type: 'device.unproven',
        reason: isSkipped ? 'skipped' : found,
        severity: 'warning',
        handle,
        userId,
        ...aboutRequest(context, request),
      })
    throw new BffError(isSkipped ? 'device_busy' : 'device_unproven')
  }
}
