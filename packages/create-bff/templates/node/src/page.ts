import type { Session } from '@bff/core'

/** Returns the page: a link to sign in, or the user's name with a call to the API and a link to sign out. */
export async function pageFor(session: Session | null): Promise<string> {
  if (session === null) return html('<h1>Welcome</h1><p><a href="/bff/login">Sign in</a></p>')
  const { claims } = await session.identity()
  return html(`
    <h1>Hello, ${escapeHtml(String(claims['name'] ?? session.userId))}</h1>
    <p><a id="sign-out">Sign out</a></p>
    <pre id="answer"></pre>
    <script type="module">
      const ask = async (path) => (await fetch(path, { headers: { 'X-CSRF': '1' } })).json()
      const claims = await ask('/bff/user')
      document.querySelector('#sign-out').href = claims.find(({ type }) => type === 'bff:logout_url').value
      document.querySelector('#answer').textContent = JSON.stringify(await ask('/api/hello'), null, 2)
    </script>`)
}

const html = (body: string) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>{{name}}</title></head>
  <body>${body}</body>
</html>`

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
