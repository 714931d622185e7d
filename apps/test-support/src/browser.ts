import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core'
import { onTestFinished } from 'vitest'

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Keeps it on this machine, and lets it run as root in a container. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** How long a page may take for what a test waits for: a busy machine takes twenty times as long as an idle one. */
const PATIENCE_MS = 60_000

/** Starts the machine's own Chromium with these further arguments; `CHROMIUM` names one that is elsewhere. */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? findOnPath()
  if (executablePath === undefined) {
    throw new Error(
      'Chromium is missing. Install it (Debian: apt-get install chromium), or name one in CHROMIUM.',
    )
  }
  const browser = await chromium.launch({
    executablePath,
    args: [...ARGUMENTS, ...more],
    // People's browsers keep pages for the back button; so must this one.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  browser.on('context', (context) => context.setDefaultTimeout(PATIENCE_MS))
  return browser
}

/** A browser of its own, with its own cookies, until the test is over. What a failed test leaves on its pages is printed. */
export async function newContext(browser: Browser, options?: BrowserContextOptions): Promise<BrowserContext> {
  const context = await browser.newContext(options)
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') for (const page of context.pages()) await print(page)
    await context.close()
  })
  return context
}

async function print(page: Page): Promise<void> {
  const outline = await page.locator('body').ariaSnapshot({ timeout: 1000 }).catch(String)
  console.error(`${page.url()}\n${outline}\n`)
}

/** What a person does at the provider, when it asks who they are. */
export async function signInAtProvider(page: Page, user = 'alice'): Promise<void> {
  await page.getByLabel('User name').fill(user)
  await page.getByLabel('Password').fill('any')
  await page.getByRole('button', { name: 'Sign in' }).click()
}

function findOnPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
