import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@bff/servers'
import { launchChromium, newContext, signInAtProvider } from '@bff/test-support/browser'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { call, expectJourney } from './journey.ts'
import { CONFIGURED } from './moves.ts'
import { startFile, startServices } from './start-app.ts'

const EXAMPLE = fileURLToPath(new URL('..', import.meta.url))
const { oauth2Proxy, duende } = CONFIGURED
const read = (file: string) => readFileSync(`${EXAMPLE}${file}`, 'utf8')
const originOf = (port: number) => `http://localhost:${port}`

/** The first column of the table "Word by word" of a guide. */
function wordsOf(guide: string): string {
  const text = read(`../../docs/guides/moving/${guide}.md`)
  const [, section = ''] = text.split('## Word by word\n')
  const rows =
    section
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| ')) ?? []
  return rows.map((row) => row.split(' | ')[0]).join('\n')
}

describe('The guide says what becomes of everything in the setup before', () => {
  it('for each setting of oauth2-proxy.cfg', () => {
    const settings = [...read('oauth2-proxy/oauth2-proxy.cfg').matchAll(/^(\w+) =/gm)].map(([, name]) => name)
    expect(settings.length).toBeGreaterThan(10)
    const words = wordsOf('oauth2-proxy')
    expect(settings.filter((name) => !words.includes(`\`${name}\``))).toEqual([])
  })

  it('for each call and option of Duende BFF in Program.cs', () => {
    // What ASP.NET Core has without Duende BFF.
    const others =
      /^(?:CreateBuilder|Build|Run|Uri|MapGet|FindFirstValue|RequireAuthorization|AddAuthorization|Use(?!Bff)\w+)$/
    const program = read('duende/Program.cs')
    const calls = [...program.matchAll(/(\w+)\(/g)].flatMap(([, name = '']) =>
      others.test(name) ? [] : [name],
    )
    const options = [...program.matchAll(/options\.([\w.]+)/g)].map(([, name = '']) => name)
    const found = [...new Set([...calls.filter((name) => name !== 'Add'), ...options])]
    expect(found.length).toBeGreaterThan(10)
    const words = wordsOf('duende')
    expect(found.filter((name) => !words.includes(name))).toEqual([])
  })
})

describe('the app after', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  const newPage = async () => (await newContext(browser)).newPage()

  /** Starts the app of oauth2-proxy and the server in front of it, which has the public origin or is behind nginx. */
  async function startOauth2Proxy(bffPort: number, origin = originOf(bffPort)): Promise<string> {
    const settings = await startServices(oauth2Proxy, origin)
    const appPort = String(await freePort())
    await startFile('oauth2-proxy/app.js', { ...settings, PORT: appPort })
    const app = `http://127.0.0.1:${appPort}`
    await startFile('oauth2-proxy/after.ts', { ...settings, PORT: String(bffPort), APP: app })
    return app
  }

  async function startNginx(port: number, bffPort: number, app: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), 'bff-moving-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const site = read('oauth2-proxy/nginx.conf')
      .replace('listen 8000', `listen 127.0.0.1:${port}`)
      .replaceAll('127.0.0.1:4180', `127.0.0.1:${bffPort}`)
      .replaceAll('http://app.internal:8080', app)
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    )
    const conf = join(folder, 'nginx.conf')
    writeFileSync(
      conf,
      `daemon off;\nmaster_process off;\npid ${folder}/pid;\nevents {}\nhttp {\naccess_log off;\n${paths.join('\n')}\n${site}}\n`,
    )
    const nginx = spawn('nginx', ['-c', conf, '-p', folder, '-e', 'stderr'], { stdio: 'inherit' })
    onTestFinished(async () => {
      const ended = once(nginx, 'exit')
      nginx.kill('SIGKILL')
      await ended
    })
    await expect
      .poll(() => fetch(`http://127.0.0.1:${port}/public/`).then(({ status }) => status, String))
      .toBe(200)
  }

  it('of oauth2-proxy: the app that did not change gets the user and the token from the server in front of it', async () => {
    const port = await freePort()
    await startOauth2Proxy(port)
    const page = await newPage()
    const url = `${originOf(port)}/public/news`
    const forged = await page.request.get(url, {
      headers: { 'x-forwarded-user': 'mallory', 'sec-fetch-site': 'same-origin' },
    })
    expect([forged.status(), await forged.json()]).toEqual([200, {}])
    expect((await call(page, `${originOf(port)}/profile`)).status).toBe(401)
    await expectJourney(page, originOf(port), oauth2Proxy)
  })

  it('of oauth2-proxy behind nginx: auth_request lets only users in, and no form of another site', async () => {
    const [port, bffPort] = [await freePort(), await freePort()]
    const origin = originOf(port)
    await startNginx(port, bffPort, await startOauth2Proxy(bffPort, origin))
    const page = await newPage()
    const asked = `${origin}/reports?year=2026&month=11`
    await page.goto(asked)
    await signInAtProvider(page)
    await page.waitForURL(asked)
    const { profile } = oauth2Proxy
    expect(JSON.parse((await page.locator('pre').textContent()) ?? '')).toEqual(profile)
    expect((await call(page, `${origin}/orders`)).text).toContain('2BD8-1001')

    const post = async (path: string, headers: Record<string, string>) => {
      const response = await page.request.post(origin + path, {
        headers,
        form: { quantity: '1' },
        maxRedirects: 0,
      })
      return response.status()
    }
    expect(await post('/profile', { origin, 'sec-fetch-site': 'same-origin' })).toBe(200)
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect(await post('/profile', foreign)).toBe(403)

    const headers = { 'x-forwarded-user': 'mallory', 'x-auth-request-user': 'mallory' }
    const withForged = async (path: string) => (await page.request.get(origin + path, { headers })).json()
    expect([await withForged('/profile'), await withForged('/public/news')]).toEqual([profile, {}])
    expect((await page.request.get(`${origin}/auth`)).status()).toBe(404)

    expect((await call(page, `${origin}/bff/logout`, 'POST')).status).toBe(200)
    expect((await call(page, `${origin}/profile`)).status).toBe(302)
  })

  it('of Duende BFF: the page in React that did not change signs in, shows claims and orders, and signs out', async () => {
    const port = await freePort()
    const root = mkdtempSync(join(tmpdir(), 'bff-moving-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    copyFileSync(`${EXAMPLE}duende/index.html`, join(root, 'index.html'))
    await build({
      entryPoints: [`${EXAMPLE}duende/page.jsx`],
      outfile: join(root, 'page.js'),
      bundle: true,
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
      logLevel: 'error',
    })
    const settings = await startServices(duende, originOf(port))
    await startFile('duende/after.ts', { ...settings, PORT: String(port), WEB_ROOT: root })
    const page = await newPage()
    await page.goto(originOf(port))
    await page.getByRole('link', { name: 'Sign in' }).click()
    await signInAtProvider(page)
    await page.getByRole('heading', { name: 'Hello, Alice Liddell' }).waitFor()
    expect(await page.locator('p').textContent()).toMatch(/ends in \d{3,} seconds/)
    await page.getByText('2BD8-1001', { exact: true }).waitFor()
    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).waitFor()
    expect((await call(page, `${originOf(port)}/bff/backchannel`, 'POST')).status).toBe(400)

    await expectJourney(await newPage(), originOf(port), duende)
  })
})
