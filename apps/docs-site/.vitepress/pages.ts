import { existsSync, readFileSync, statSync } from 'node:fs'
import { posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles } from '../../../tools/packages.mjs'

/** The root of the repository, which is also the source folder of the site. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

/** Where the generated pages are written; not part of the repository. */
export const GENERATED = 'apps/docs-site/generated'

/** From a file of the repository to its page, both without a leading slash. The first matching row counts. */
const PAGES: ReadonlyArray<readonly [file: RegExp, page: string]> = [
  [/^apps\/docs-site\/generated\/(.+\.md)$/, '$1'],
  [/^docs\/README\.md$/, 'contents.md'],
  [/^docs\/(.+)\/README\.md$/, '$1/index.md'],
  [/^docs\/(.+\.md)$/, '$1'],
  [/^((?:apps|examples|packages)\/[^/]+)\/README\.md$/, '$1.md'],
  [/^README\.md$/, 'readme.md'],
  [/^CONTRIBUTING\.md$/, 'contribute/index.md'],
  [/^SECURITY\.md$/, 'security-policy.md'],
]

/** Folders without a README that have a page nevertheless. */
const FOLDERS: Readonly<Record<string, string>> = { 'docs/api': 'reference/api/index.md' }

/** The page that shows this file of the repository, or `null` when there is none. */
export function pageOf(file: string): string | null {
  const row = PAGES.find(([pattern]) => pattern.test(file))
  return row === undefined ? null : file.replace(row[0], row[1])
}

/** Where a link of a document leads: to a page, to a file that is served as it is, or (`null`) out of the repository. */
export type Target = { page: string; anchor: string } | { source: string } | null

/**
 * Resolves a link as GitHub does: relative to the file, and a folder means its README.
 *
 * @throws when the repository has no such file
 */
export function resolveLink(from: string, href: string): Target {
  if (/^[a-z]+:/i.test(href) || href.startsWith('/') || href.startsWith('#')) return null
  const [path = '', fragment] = href.split('#')
  const anchor = fragment === undefined ? '' : `#${fragment}`
  const target = posix.join(posix.dirname(from), path).replace(/\/$/, '')
  const folderPage = FOLDERS[target]
  if (folderPage !== undefined) return { page: folderPage, anchor }
  const absolute = posix.join(root, target)
  if (!existsSync(absolute)) throw new Error(`${from} links to ${href}, which does not exist.`)
  const readme = statSync(absolute).isDirectory() ? `${target}/README.md` : target
  const page = existsSync(posix.join(root, readme)) ? pageOf(readme) : null
  return page === null ? { source: target } : { page, anchor }
}

/** The text of a document with links that lead to the Markdown of the site's pages. */
export const linkToPages = (file: string, text: string): string =>
  text
    .split(/(^```[\s\S]*?^```)/m)
    .map((part, at) =>
      at % 2 === 1
        ? part
        : part.replaceAll(/\]\(([^)\s]+)\)/g, (whole, href: string) => {
            const target = resolveLink(file, href)
            if (target === null) return whole
            return 'page' in target ? `](/${target.page}${target.anchor})` : `](/source/${target.source}.txt)`
          }),
    )
    .join('')

/** Every page of the repository, with its first heading; not the generated ones. */
export function listPages(): { address: string; title: string }[] {
  return ['docs', 'packages', 'apps', 'examples']
    .flatMap((folder) => listFiles(root, folder, ['.md']))
    .flatMap((file) => {
      const page = file.startsWith(GENERATED) ? null : pageOf(file)
      if (page === null) return []
      const [, title = page] = /^# (.+)$/m.exec(readFileSync(posix.join(root, file), 'utf8')) ?? []
      return [{ address: page.slice(0, -'.md'.length), title: title.replaceAll('`', '') }]
    })
}

/** A file's path in the repository. */
export const inRepository = (path: string): string => relative(root, path).replaceAll('\\', '/')
