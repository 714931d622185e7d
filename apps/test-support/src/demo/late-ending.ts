import type { Page } from 'playwright-core'

/**
 * Holds the event that says why the session has ended, until an element of the selector is on the page: as a slow network
 * does, when a refused call is faster.
 */
export async function holdEnding(page: Page, selector: string): Promise<void> {
  await page.addInitScript((sign) => {
    const shown = new Promise<void>((resolve) => {
      const look = () => document.querySelector(sign) !== null && resolve()
      const options = { subtree: true, childList: true, attributes: true }
      addEventListener('DOMContentLoaded', () => new MutationObserver(look).observe(document, options))
    })
    const send = window.fetch
    window.fetch = async (input, init) => {
      const response = await send(input, init)
      const url = input instanceof Request ? input.url : String(input)
      if (!url.endsWith('/events') || response.body === null) return response
      const held = new TransformStream<Uint8Array, Uint8Array>({
        async transform(chunk, stream) {
          if (new TextDecoder().decode(chunk).includes('event: ended')) await shown
          stream.enqueue(chunk)
        },
      })
      return new Response(response.body.pipeThrough(held), response)
    }
  }, selector)
}
