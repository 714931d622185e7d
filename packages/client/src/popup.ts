import type { Platform, PopupWindow } from './platform.ts'
import { BffRequestError, fieldOf } from './request.ts'

/** When a window has closed for certain, after the focus came back to the page. */
const SETTLED_MS = 500

/** Opens one window at a time, and waits until its sign-in has ended. */
export interface Popup {
  /**
   * Returns the code that the window's last page has for a frame; `null` without one.
   *
   * @throws BffRequestError `popup_blocked`
   */
  open(url: string): Promise<string | null>
}

/** @param name the channel on which the window's last page says that it is done */
export function createPopup(platform: Platform, name: string): Popup {
  let current: { readonly window: PopupWindow; readonly ended: Promise<string | null> } | null = null

  async function untilEnded(window: PopupWindow): Promise<string | null> {
    const code = await new Promise<string | null>((resolve) => {
      const channel = platform.openChannel(name, (message) => {
        if (message instanceof Object && fieldOf(message, 'type') === 'popup') end()
      })
      const endIfClosed = () => {
        if (window.isClosed()) end()
      }
      // A window that a provider has cut off looks closed from then on, so nobody asks before the user is back.
      const stopListening = platform.listen({
        onWake: () => {
          endIfClosed()
          platform.later(endIfClosed, SETTLED_MS)
        },
        onHide: () => {},
        onRestore: endIfClosed,
      })
      // In a frame of another site no channel reaches this page, and the window posts a message instead.
      const stopHearing = window.listen((message) => {
        if (!(message instanceof Object) || fieldOf(message, 'type') !== 'bff-embedded') return
        const posted = fieldOf(message, 'code')
        end(typeof posted === 'string' ? posted : null)
      })
      const end = (posted: string | null = null) => {
        stopListening()
        stopHearing()
        channel?.close()
        resolve(posted)
      }
    })
    current = null
    return code
  }

  return {
    async open(url) {
      if (current !== null) {
        current.window.focus()
        return current.ended
      }
      const window = platform.openWindow(url)
      if (window === null)
        throw new BffRequestError(
          'popup_blocked',
          'The browser has blocked the window. Call signInWithPopup() in a click, or use signIn().',
        )
      const ended = untilEnded(window)
      current = { window, ended }
      return ended
    },
  }
}
