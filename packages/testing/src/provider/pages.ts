import { createHash } from 'node:crypto'

export interface Page {
  readonly html: string
  readonly contentSecurityPolicy: string
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style = `
:root{color-scheme:light dark;--ink:#1d2433;--soft:#5b6478;--line:#ccd2de;--field:#7d869b;--card:#fff;--paper:#eef1f7;--accent:#3247c5;--bad:#a3172b;--bad-paper:#fdecee}
@media(prefers-color-scheme:dark){:root{--ink:#eef1f8;--soft:#a4adc2;--line:#3d475e;--field:#7d879f;--card:#1b2130;--paper:#10141e;--accent:#8fa0ff;--bad:#ffb3bc;--bad-paper:#43161d}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:24rem;padding:2.25rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;box-shadow:0 1.25rem 3rem -1.5rem #1d243340}
h1{margin:0;font-size:1.6rem;letter-spacing:-.02em;line-height:1.2}
p{margin:.5rem 0 0;color:var(--soft)}
form{margin:1.5rem 0;display:grid;gap:1rem}
label{display:grid;gap:.35rem;font-weight:600;font-size:.9rem}
input{width:100%;padding:.7rem .85rem;font:inherit;font-weight:400;color:inherit;background:transparent;border:1px solid var(--field);border-radius:.6rem}
button{padding:.75rem 1rem;font:inherit;font-weight:600;color:var(--card);background:var(--accent);border:0;border-radius:.6rem;cursor:pointer}
button:hover{filter:brightness(1.1)}
input:focus-visible,button:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
[role=alert]{margin-top:1.25rem;padding:.7rem .85rem;color:var(--bad);background:var(--bad-paper);border-radius:.6rem}
code{font-size:.95em;color:var(--ink)}
`
const submitOnLoad = 'document.forms[0].submit()'

const hashSource = (content: string): string =>
  `'sha256-${createHash('sha256').update(content).digest('base64')}'`

// No form-action: browsers apply it to the redirects after the form too, which end at the app.
const basePolicy = `default-src 'none'; style-src ${hashSource(style)}; base-uri 'none'; frame-ancestors 'none'`
const submittingPolicy = `${basePolicy}; script-src ${hashSource(submitOnLoad)}`

function page(title: string, content: string, contentSecurityPolicy = basePolicy): Page {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
  return { html, contentSecurityPolicy: `${contentSecurityPolicy}; img-src data:` }
}

export interface SignInForm {
  /** Where the form goes. */
  readonly action: string
  /** Name of the app that asked. */
  readonly clientName: string
  /** What the login field shows at first. */
  readonly login: string
  /** `null`: nothing went wrong so far. */
  readonly problem: string | null
  /** Who can sign in. */
  readonly userNames: readonly string[]
}

export function signInPage(form: SignInForm): Page {
  const problem = form.problem === null ? '' : `<p role="alert" id="problem">${escapeHtml(form.problem)}</p>`
  const invalid = form.problem === null ? '' : ' aria-invalid="true" aria-describedby="problem"'
  const [loginFocus, passwordFocus] =
    form.login === '' || form.problem !== null ? [' autofocus', ''] : ['', ' autofocus']
  const names = form.userNames.map((name) => `<code>${escapeHtml(name)}</code>`).join(' or ')
  return page(
    'Sign in',
    `<h1>Sign in</h1>
<p>to continue to ${escapeHtml(form.clientName)}</p>
${problem}
<form method="post" action="${escapeHtml(form.action)}">
<label>User name
<input name="login" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${escapeHtml(form.login)}"${invalid}${loginFocus}>
</label>
<label>Password
<input name="password" type="password" autocomplete="current-password" required${passwordFocus}>
</label>
<button type="submit">Sign in</button>
</form>
<p>This provider runs on your machine only. Sign in as ${names}, with any password.</p>`,
  )
}

/** Confirms the logout by itself; the button is for browsers without scripts. */
export function signingOutPage(form: string): Page {
  return page(
    'Signing out',
    `<h1>Signing out</h1>
${form}
<input type="hidden" form="op.logoutForm" name="logout" value="yes">
<noscript><button type="submit" form="op.logoutForm">Sign out</button></noscript>
<script>${submitOnLoad}</script>`,
    submittingPolicy,
  )
}

export const signedOutPage = (): Page =>
  page('Signed out', '<h1>Signed out</h1>\n<p>You may close this page.</p>')

export const errorPage = (message: string): Page =>
  page(
    'That did not work',
    `<h1>That did not work</h1>\n<p role="alert">${escapeHtml(message)}</p>\n<p>Go back to the app and try again.</p>`,
  )
