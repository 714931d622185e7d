/** What to tell people, by error code. Anything else is told in the words of the server. */
const MESSAGES = {
  login_expired:
    'That sign-in could not be completed: it was too old, already used, or begun in another browser. Nothing is lost, just sign in again.',
  login_cancelled: 'The sign-in was cancelled at the provider. You can try again.',
  login_failed: 'The provider did not complete the sign-in. You can try again.',
  sign_in_refused: 'This app did not let you in. Ask its operator for access.',
  login_refused: 'A sign-in starts only when you open it yourself. Use the button below.',
  invalid_return_to: 'The link wanted to lead away from this site after sign-in, so it was refused.',
  provider_unavailable: 'The sign-in provider does not answer right now. Try again in a moment.',
  provider_misconfigured: 'The provider refused this app. Its operator has to check the client credentials.',
  not_configured: 'This app has no sign-in provider.',
  store_unavailable:
    'The session store does not answer right now. Your session is kept. Try again in a moment.',
  store_full: 'There is no room for another session right now. Try again later.',
  internal_error: 'Something went wrong on our side. Try again.',
  no_session: 'You are not signed in any more. Sign in to go on.',
  session_expired: 'Your session has ended. Sign in to go on.',
  invalid_session: 'Your session was ended, here or elsewhere. Sign in to go on.',
  refresh_rejected:
    'The provider has ended your session, or was restarted and has forgotten it. Sign in to go on.',
  token_expired: 'Your access has run out and could not be renewed. Sign in to go on.',
  key_unavailable: 'Your stored session cannot be opened right now. Try again in a moment.',
  seal_broken: 'Your stored session cannot be opened any more. Sign in to go on.',
  refresh_busy: 'Your session is being renewed elsewhere. Try again in a moment.',
  csrf_violation: 'The request was refused because it did not prove that it came from this page.',
  upstream_unavailable: 'The orders API cannot be reached right now.',
  upstream_timeout: 'The orders API did not answer in time.',
  payload_too_large: 'That is more than the server takes at once.',
  order_refused: 'The orders API did not take this order.',
  unreachable: 'The server cannot be reached. Is it still running?',
}

/** Codes of `bff.fetch` that its client tells of itself: nobody is signed in any more. */
const ENDED = new Set(['no_session', 'session_expired', 'invalid_session', 'refresh_rejected'])

/** Codes of a session that lives and is of no use any more. */
const LOST = new Set(['token_expired', 'seal_broken'])

const SIGNED_OUT_ELSEWHERE = 'You signed out in another tab. Sign in to go on.'

/** Why a session is over, by the reason code of its revocation or of the client. */
const REASONS = {
  user_revoked: 'You signed this browser out from another one. Sign in to go on.',
  logout: SIGNED_OUT_ELSEWHERE,
  signed_out_elsewhere: SIGNED_OUT_ELSEWHERE,
  session_limit:
    'You signed in on too many devices, so this one, the oldest, was signed out. Sign in to go on.',
  backchannel_logout: 'Your provider signed you out. Sign in to go on.',
  refresh_rejected: MESSAGES.refresh_rejected,
  expired: MESSAGES.session_expired,
}

/** Why this session is over, by the reason code of its revocation or the code of an error. */
export const messageOfEnd = (reason) =>
  REASONS[reason] ?? (isSessionEnd(reason) ? MESSAGES[reason] : MESSAGES.invalid_session)

/** The sentence for the code of an error or the reason code of a revocation: what is not known is not repeated. */
export const messageOfNews = (code) => (Object.hasOwn(REASONS, code) ? REASONS[code] : messageOfCode(code))

/** What a refused call says, where the event stream says more. */
export const isVague = (reason) => reason === 'no_session' || reason === 'invalid_session'

export const isSessionEnd = (code) => ENDED.has(code)
export const isSessionLost = (code) => LOST.has(code)

/** The sentence for a code that came in the address bar: what is not known is not repeated. */
export const messageOfCode = (code) =>
  Object.hasOwn(MESSAGES, code) ? MESSAGES[code] : 'Something went wrong. You can try again.'

export function messageOf(error) {
  const text = Object.hasOwn(MESSAGES, error.code) ? MESSAGES[error.code] : error.message
  return error.retryAfter ? `${text} (The server suggests ${error.retryAfter} s.)` : text
}
