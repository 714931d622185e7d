import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { must, root, run } from './process.mjs'

const SITE = join(root, 'apps/docs-site')
const VITEPRESS = join(SITE, 'node_modules/vitepress/bin/vitepress.js')

/** Writes the pages that are made from the code. */
export async function writeReference() {
  await must('The reference could not be made from the code; the lines above say why.', process.execPath, [
    '--import',
    'tsx',
    '--conditions=@bff/source',
    join(SITE, 'reference/write.ts'),
  ])
}

/**
 * Serves the documents, and shows each change at once.
 *
 * @param {readonly string[]} args for VitePress, such as `--port 5000`
 */
export async function serveSite(args) {
  await writeReference()
  const { code, signal } = await run(process.execPath, [VITEPRESS, 'dev', SITE, ...args])
  if (signal === null) process.exitCode = code
}

/** Builds the site; a link to a page that does not exist fails. */
export async function buildSite() {
  await writeReference()
  rmSync(join(SITE, 'dist'), { recursive: true, force: true })
  await must(
    'The site does not build: mend the link or the page named above.',
    process.execPath,
    [VITEPRESS, 'build', SITE],
    { quiet: true },
  )
}
