import type { Session } from '@bff/core'

/** Returns the page: a link to sign in, or the user's name with a call to the API and a form to sign out. */
export async function pageFor(session: Session | null): Promise<string> {
  if (session === null) return html('<h1>Welcome</h1><p><a href="/bff/login">Sign in</a></p>')
  const { claims } = await session.identity()
  return html(`
    <h1>Hello, ${escapeHtml(String(claims['name'] ?? session.userId))}</h1>
    <form method="post" action="/bff/logout"><button>Sign out</button></form>
    <pre id="answer"></pre>
    <script type="module">
      const response = await fetch('/api/hello', { headers: { 'X-CSRF': '1' } })
      document.querySelector('#answer').textContent = JSON.stringify(await response.json(), null, 2)
    </script>`)
}

const html = (body: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>{{name}}</title>
    <link rel="icon" href="data:," />
    <style>
      html { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
      body { max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
    </style>
  </head>
  <body>${body}</body>
</html>`

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
