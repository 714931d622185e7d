import type { Reply } from '../../contracts/reply.ts'
import { escapeHtml, htmlReply } from './replies.ts'

interface Words {
  readonly title: string
  readonly text: string
  readonly link: readonly [href: string, label: string] | null
}

const AGAIN = ['', 'Try again'] as const // an empty address is that of the page itself

function wordsFor(status: number, error: string, signInPath: string | null): Words {
  // Another sign-in does not help.
  if (error === 'device_required')
    return {
      title: 'This browser does not fit',
      text: 'This application needs a browser that binds sessions to its device, such as a current Chrome or Edge.',
      link: null,
    }
  switch (status) {
    case 401:
      return {
        title: 'You are not signed in',
        text: 'Sign in to see this page.',
        link: signInPath === null ? null : [signInPath, 'Sign in'],
      }
    case 403:
      return {
        title: 'Refused',
        text: 'This address is for the pages of the app, not for the address bar.',
        link: ['/', 'Go to the start page'],
      }
    case 429:
      return { title: 'Too many requests', text: 'Wait a moment, then try again.', link: AGAIN }
    default:
      return {
        title: 'Temporarily unavailable',
        text: 'Something that this site needs does not answer. You stay signed in.',
        link: AGAIN,
      }
  }
}

/** Makes a small page of the JSON reply of a refusal, with its status, its code and its `Retry-After`. */
export function refusalPage(json: Reply, signInPath: string | null): Reply {
  const { error, message } = JSON.parse(String(json.body)) as { error: string; message: string }
  const { title, text, link } = wordsFor(json.status, error, signInPath)
  const body = `<!doctype html>
<html lang="en" data-error="${error}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<main>
<h1>${title}</h1>
<p>${text}</p>
${link === null ? '' : `<p><a href="${escapeHtml(link[0])}">${link[1]}</a></p>`}
<p><small><code>${error}</code> ${escapeHtml(message)}</small></p>
</main>
</html>`
  const page = htmlReply(json.status, body, [], STYLE)
  const kept = json.headers.filter(([name]) => name === 'retry-after')
  return { ...page, headers: [...page.headers, ...kept] }
}

const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 36rem; margin: 4rem auto; padding: 0 1rem }`
