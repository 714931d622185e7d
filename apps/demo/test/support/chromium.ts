import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

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

/** Starts the machine's own Chromium with these further arguments; `CHROMIUM` names one that is elsewhere. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? findOnPath()
  if (executablePath === undefined) {
    throw new Error(
      'Chromium is missing. Install it (Debian: apt-get install chromium), or name one in CHROMIUM.',
    )
  }
  return chromium.launch({
    executablePath,
    args: [...ARGUMENTS, ...more],
    // People's browsers keep pages for the back button; so must this one.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
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
