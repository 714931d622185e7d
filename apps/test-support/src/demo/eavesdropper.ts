import type { BrowserContext, Page, Request, Response, Route } from 'playwright-core'

/** All a browser saw: addresses, headers, bodies, and what scripts can read. */
export interface Eavesdropper {
  /** Everything so far, with where it was seen. Waits for bodies that are still coming. */
  seen(): Promise<ReadonlyArray<{ readonly where: string; readonly text: string }>>
  /** Reads what the scripts of a page can read: its storage, cookies and content. */
  readPage(page: Page): Promise<void>
  /** Reads an event stream for as long as its first event takes. */
  readStream(page: Page, path: string): Promise<void>
  /** Addresses of answers whose body stayed unknown. */
  readonly unread: string[]
}

/** Answers that are too large for the browser's debugger, or of pages that are left at once. */
const HARD_TO_READ = /\/orders\/export$|\/bff\/logout\?|\/session\/end\?/

export async function eavesdrop(context: BrowserContext): Promise<Eavesdropper> {
  const notes: Array<{ where: string; text: string }> = []
  const pending: Promise<void>[] = []
  const unread: string[] = []

  const noteRequest = async (request: Request) => {
    const where = `${request.method()} ${request.url()}`
    notes.push({ where: `address of ${where}`, text: request.url() })
    notes.push({ where: `body of ${where}`, text: request.postData() ?? '' })
    const headers = await request.allHeaders().catch(() => request.headers())
    notes.push({ where: `headers of ${where}`, text: JSON.stringify(headers) })
  }
  const noteResponse = async (response: Response) => {
    const where = `answer ${response.status()} to ${response.url()}`
    const headers = await response.allHeaders().catch(() => response.headers())
    notes.push({ where: `headers of ${where}`, text: JSON.stringify(headers) })
    if (response.status() >= 300 && response.status() < 400) return
    if (HARD_TO_READ.test(response.url())) return
    try {
      notes.push({ where: `body of ${where}`, text: await response.text() })
    } catch {
      unread.push(response.url())
    }
  }
  await context.route(HARD_TO_READ, async (route: Route) => {
    const response = await route.fetch({ maxRedirects: 0 })
    const where = `answer ${response.status()} to ${response.url()}`
    notes.push({ where: `body of ${where}`, text: await response.text() })
    await route.fulfill({ response })
  })
  context.on('request', (request) => pending.push(noteRequest(request)))
  context.on('response', (response) => pending.push(noteResponse(response)))
  context.on('console', (message) => notes.push({ where: 'console', text: message.text() }))

  return {
    unread,
    seen: async () => {
      while (pending.length > 0) await Promise.all(pending.splice(0))
      return notes
    },
    readStream: async (page, path) => {
      const text = await page.evaluate(async (target) => {
        const { body } = await fetch(target, { headers: { 'x-csrf': '1' } })
        const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
        const first = await reader?.read()
        await reader?.cancel()
        return first?.value ?? ''
      }, path)
      notes.push({ where: `body of the stream ${path}`, text })
    },
    readPage: async (page) => {
      const text = await page.evaluate(() =>
        JSON.stringify({
          cookie: document.cookie,
          localStorage: { ...localStorage },
          sessionStorage: { ...sessionStorage },
          html: document.documentElement.outerHTML,
          history: history.state,
          name: window.name,
        }),
      )
      notes.push({ where: `what scripts read on ${page.url()}`, text })
    },
  }
}
