import { callJson } from './bff.js'
import { byId, momentOf, timeOf } from './dom.js'
import { log } from './notices.js'

/** Beyond this share of its life a token is about to be refreshed by the next call. */
const DUE_SHARE = 0.2

const BOUND = { true: 'yes, by a key of its own', false: 'no, it cannot', null: 'no, on plain http' }

let view = null
let panels = null
/** How far the server's clock is ahead of ours, in milliseconds. */
let ahead = 0

/** The panels that show the same view. */
export function usePanels(given) {
  panels = given
}

/** Asks the server what it holds, and shows it; a later expiry than before means that it has refreshed. */
export async function loadServerPanel() {
  const next = await callJson('/bff/demo/server')
  const before = view
  ahead = next.now - Date.now()
  view = next
  if (before?.handle === next.handle && next.accessToken.expiresAt > before.accessToken.expiresAt) celebrate()
  show(next)
  panels.show(next, ahead)
  tick()
}

export function forgetServerPanel() {
  view = null
  panels?.forget()
  for (const node of document.querySelectorAll('.server dd[id]')) node.textContent = ''
  tick()
}

/** When the access token ends as last heard, epoch milliseconds, or null. */
export const knownExpiry = () => view?.accessToken.expiresAt ?? null

function celebrate() {
  const token = byId('token-expiry')
  token.classList.remove('pulse')
  // Reading a size makes the browser forget the animation that is over, so that it can begin again.
  void token.offsetWidth
  token.classList.add('pulse')
  log(`Tokens refreshed on the server: good until ${timeOf(view.accessToken.expiresAt - ahead)}`, 'good')
}

function show({ tokenKind, dpopThumbprint, hasRefreshToken, sealedBytes, handle, history, ...times }) {
  byId('token-kind').textContent = tokenKind
  byId('token-kind').title =
    tokenKind === 'DPoP' ? 'Bound to a key of this session (RFC 9449)' : 'Good for whoever holds it'
  byId('bound').textContent = BOUND[times.isBound]
  byId('refreshes').textContent = String(history.refreshes)
  byId('refresh-token').textContent = hasRefreshToken ? 'yes, rotating' : 'none'
  byId('thumbprint').textContent = dpopThumbprint === null ? 'none' : `${dpopThumbprint.slice(0, 16)}…`
  byId('thumbprint').title = dpopThumbprint ?? ''
  byId('sealed').textContent = `${sealedBytes.toLocaleString()} bytes`
  byId('handle').textContent = handle
  byId('created').textContent = momentOf(times.createdAt - ahead)
  byId('last-used').textContent = timeOf(times.lastUsedAt - ahead)
  byId('idle-end').textContent = momentOf(times.idleEndsAt - ahead)
  byId('absolute-end').textContent = momentOf(times.endsAt - ahead)
}

function tick() {
  const token = byId('token-expiry')
  const { issuedAt, expiresAt } = view?.accessToken ?? {}
  if (!expiresAt) {
    delete token.dataset.left
    delete token.dataset.expiresAt
    byId('ring-text').textContent = ''
    byId('token-state').textContent = ''
    return
  }
  const leftMs = Math.max(0, expiresAt - ahead - Date.now())
  const share = Math.min(1, leftMs / Math.max(1, expiresAt - (issuedAt ?? expiresAt)))
  const left = leftMs === 0 ? 'expired' : share <= DUE_SHARE ? 'due' : 'fresh'
  token.dataset.expiresAt = String(expiresAt)
  token.dataset.left = left
  token.querySelector('.left').style.strokeDasharray = `${(share * 100).toFixed(2)} 100`
  const seconds = Math.ceil(leftMs / 1000)
  byId('ring-text').textContent = seconds >= 100 ? `${Math.ceil(seconds / 60)}m` : `${seconds}s`
  byId('token-state').textContent = {
    fresh: `Ends at ${timeOf(expiresAt - ahead)}. The next call then refreshes it.`,
    due: 'About to end: the next call refreshes it first.',
    expired: 'Over. The next call refreshes it first; you will not notice.',
  }[left]
}

setInterval(tick, 250)
