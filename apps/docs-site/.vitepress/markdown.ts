import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import type { MarkdownEnv, MarkdownRenderer } from 'vitepress'
import { inRepository, resolveLink, root } from './pages.ts'
import { sourceAddress } from './sources.ts'

/** Anchors as GitHub makes them, so that one link is right in both places. */
export const slugify = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')
    .trim()

/** Leads the links of the documents to the pages of the site, and puts their drawings into the page. */
export function documents(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('empty_heads', (state) => {
    state.tokens = withoutEmptyHeads(state.tokens)
  })
  markdown.core.ruler.push('documents', ({ tokens, env }) => {
    const { realPath, path = realPath } = env as Partial<MarkdownEnv>
    // A title of its own is no document.
    if (path === undefined) return
    const from = inRepository(realPath ?? path)
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === 'link_open') {
        const href = token.attrGet('href') ?? ''
        const target = resolveLink(from, href)
        if (target === null) continue
        if ('source' in target) {
          token.attrSet('href', sourceAddress(target.source))
          token.attrSet('target', '_blank')
        } else token.attrSet('href', `/${target.page}${target.anchor}`)
      }
      // A drawing inside the page takes the colours of the page. As an image it would take those of the system.
      if (token.type === 'image' && token.attrGet('src')?.endsWith('.svg')) {
        const file = posix.join(root, posix.dirname(from), token.attrGet('src') ?? '')
        token.type = 'html_inline'
        token.content = `<span class="drawing" role="img" aria-label="${markdown.utils.escapeHtml(token.content)}">${drawings(file)}</span>`
      }
    }
  })
}

/** Markdown has no table without a head; an empty one says nothing, also to people who hear the page. */
function withoutEmptyHeads<Token extends { readonly type: string; readonly content: string }>(
  tokens: readonly Token[],
): Token[] {
  const kept: Token[] = []
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token
    const end =
      token.type === 'thead_open' ? tokens.findIndex(({ type }, to) => to > at && type === 'thead_close') : -1
    if (end !== -1 && tokens.slice(at, end).every(({ content }) => content.trim() === '')) at = end
    else kept.push(token)
  }
  return kept
}

/** The drawing, and the one for narrow columns beside it when there is one: `call.svg` and `call-narrow.svg`. */
function drawings(file: string): string {
  const narrow = file.replace(/\.svg$/, '-narrow.svg')
  if (!existsSync(narrow)) return drawing(file)
  return `<span class="wide">${drawing(file)}</span><span class="narrow">${drawing(narrow)}</span>`
}

/** A drawing as one line of HTML. Its colours are those of the theme, which has the same classes. */
const drawing = (file: string): string =>
  readFileSync(file, 'utf8')
    .replace(/<style>[\s\S]*?<\/style>/, '')
    .replaceAll(/\s*\n\s*/g, ' ')
