import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type SiteConfig } from 'vitepress'
import { listEntries } from '../reference/entries.ts'
import { documents, slugify } from './markdown.ts'
import { navigation, navigationProblems } from './navigation.ts'
import { linkToPages, listPages, pageOf, root } from './pages.ts'
import { copySources, sources } from './sources.ts'

const entries = listEntries(root)
const menu = navigation(
  [...new Set(entries.map(({ short }) => short))],
  entries.map(({ entry }) => entry),
  listPages(),
)

export default defineConfig({
  title: '@bff',
  description: 'A Backend-for-Frontend for Node: the server keeps the tokens, the browser has one cookie.',
  srcDir: '../..',
  srcExclude: [
    '**/dist/**',
    '**/CHANGELOG.md',
    'apps/!(docs-site)/*/**',
    '{packages,examples}/*/*/**',
    'docs/api/**',
  ],
  ignoreDeadLinks: 'localhostLinks',
  outDir: './dist',
  cacheDir: './.vitepress/cache',
  rewrites: (file) => pageOf(file) ?? file,
  lang: 'en',
  lastUpdated: false,
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  markdown: {
    anchor: { slugify },
    headers: false,
    config: (markdown) => void markdown.use(documents),
  },
  themeConfig: {
    siteTitle: '@bff',
    logo: '/icon.svg',
    ...menu,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          searchOptions: {
            // Guides first: lists and decisions name every word.
            boostDocument: (id: string) =>
              /^\/(start|guides|operate)\//.test(id) ? 3 : /^\/(contribute|apps)\//.test(id) ? 0.3 : 1,
          },
        },
      },
    },
    externalLinkIcon: true,
    docFooter: { prev: false, next: false },
  },
  vite: {
    publicDir: join(import.meta.dirname, 'public'),
    plugins: [sources],
    build: { chunkSizeWarningLimit: 2_000 },
    server: { fs: { allow: [root] } },
  },
  // Its tables need the space of the list of headings.
  transformPageData: ({ relativePath, frontmatter }) =>
    relativePath === 'compare/index.md' ? { frontmatter: { ...frontmatter, aside: false } } : undefined,
  buildEnd: finish,
})

function finish({ outDir, pages, rewrites }: SiteConfig): void {
  const files = pages.map((file) => [file, rewrites.map[file] ?? file] as const)
  const problems = navigationProblems(
    files.map(([, page]) => page.slice(0, -'.md'.length)),
    menu,
  )
  if (problems.length > 0) throw new Error(problems.join('\n'))
  copySources(outDir)
  // Every page as Markdown, beside the page, for programs.
  for (const [file, page] of [...files, ['docs/llms.txt', 'llms.txt'] as const])
    writeFileSync(join(outDir, page), linkToPages(file, readFileSync(join(root, file), 'utf8')))
}
