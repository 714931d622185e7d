/** What to tell people, by the code of an error or the reason a session was revoked for. */
const MESSAGES = new Map([
  [
    'login_expired',
    'That sign-in could not be completed: it was too old, already used, or begun in another browser. Nothing is lost, just sign in again.',
  ],
  ['login_cancelled', 'The sign-in was cancelled at the provider. You can try again.'],
  ['login_failed', 'The provider did not complete the sign-in. You can try again.'],
  ['sign_in_refused', 'This app did not let you in. Ask its operator for access.'],
  ['provider_misconfigured', 'The provider refused this app. Its operator must check how it is registered.'],
  ['invalid_return_to', 'The link wanted to lead away from this site after sign-in, so it was refused.'],
  ['login_refused', 'A sign-in starts only when you open it yourself. Use the button below.'],
  ['provider_unavailable', 'The sign-in provider does not answer right now. Try again in a moment.'],
  [
    'store_unavailable',
    'The session store does not answer right now. Your session is kept. Try again in a moment.',
  ],
  ['no_session', 'You are not signed in any more. Sign in to go on.'],
  ['session_expired', 'Your session has ended. Sign in to go on.'],
  ['invalid_session', 'Your session was ended, here or elsewhere. Sign in to go on.'],
  [
    'refresh_rejected',
    'The provider has ended your session, or was restarted and has forgotten it. Sign in to go on.',
  ],
  ['user_revoked', 'You signed this browser out from another one. Sign in to go on.'],
  ['backchannel_logout', 'Your provider signed you out. Sign in to go on.'],
  ['logout', 'You signed out in another tab. Sign in to go on.'],
  ['signed_out_elsewhere', 'You signed out in another tab. Sign in to go on.'],
  ['csrf_violation', 'The request was refused because it did not prove that it came from this page.'],
  ['upstream_unavailable', 'The orders API cannot be reached right now.'],
  ['upstream_timeout', 'The orders API did not answer in time.'],
  ['order_refused', 'The orders API did not take this order.'],
])

/** The sentence for a code; what is not known is not repeated. */
export const messageOf = (code: string) => MESSAGES.get(code) ?? 'Something went wrong. You can try again.'
