import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What people meet a page with: the width of a desktop and of a phone, light and dark. */
export const VIEWS = [
  { width: 1280, colorScheme: 'light' },
  { width: 1280, colorScheme: 'dark' },
  { width: 390, colorScheme: 'light' },
  { width: 390, colorScheme: 'dark' },
] as const

/** What axe-core finds wrong with a page as it is now, in each of the views; none when there is nothing. */
export async function violationsOf(page: Page): Promise<string[]> {
  // The debugger's own script: the Content Security Policy of the page does not matter to it.
  await page.evaluate(AXE)
  const found: string[] = []
  for (const { width, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
    if (isDark !== (colorScheme === 'dark')) throw new Error(`The page is not ${colorScheme}.`)
    const violations = await page.evaluate(async () => {
      const axe = Reflect.get(window, 'axe')
      const { violations } = await axe.run(document, { resultTypes: ['violations'] })
      return violations.map(
        ({ id, nodes }: { id: string; nodes: { target: string[] }[] }) =>
          `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
      ) as string[]
    })
    const isWider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
    if (isWider) violations.push('the page is wider than the window')
    found.push(...violations.map((violation) => `${width} ${colorScheme}: ${violation}`))
  }
  return found
}
