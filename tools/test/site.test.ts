import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { navigation, navigationProblems } from '../../apps/docs-site/.vitepress/navigation.ts'
import { linkToPages, pageOf, resolveLink } from '../../apps/docs-site/.vitepress/pages.ts'
import { apiPages } from '../../apps/docs-site/reference/api.ts'
import { listEntries } from '../../apps/docs-site/reference/entries.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('a link of the documents', () => {
  it.each([
    ['docs/guides/testing.md', '../errors.md#proxy', { page: 'errors.md', anchor: '#proxy' }],
    ['docs/guides/testing.md', '../../packages/testing', { page: 'packages/testing.md', anchor: '' }],
    ['docs/README.md', 'contribute/adr/README.md', { page: 'contribute/adr/index.md', anchor: '' }],
    ['README.md', 'docs/README.md', { page: 'contents.md', anchor: '' }],
    ['docs/README.md', 'api', { page: 'reference/api/index.md', anchor: '' }],
    ['docs/operate/deployment.md', 'nginx.conf', { source: 'docs/operate/nginx.conf' }],
    ['docs/README.md', 'https://example.com', null],
    ['docs/README.md', '#guides', null],
  ])('of %s to %s leads where GitHub leads it', (from, href, target) => {
    expect(resolveLink(from, href)).toEqual(target)
  })

  it('to a file that does not exist stops the build', () => {
    expect(() => resolveLink('docs/README.md', 'nowhere.md')).toThrow(
      'docs/README.md links to nowhere.md, which does not exist.',
    )
  })
})

it('The Markdown of a page leads to the Markdown of other pages, and keeps code as it is', () => {
  const text = '[Testing](../../packages/testing#runners)\n```sh\necho [x](y)\n```\n[conf](nginx.conf)'
  expect(linkToPages('docs/operate/deployment.md', text)).toBe(
    '[Testing](/packages/testing.md#runners)\n```sh\necho [x](y)\n```\n[conf](/source/docs/operate/nginx.conf.txt)',
  )
})

it('a test, and what is below an example, is no page', () => {
  expect(pageOf('packages/core/test/errors.test.ts')).toBeNull()
  expect(pageOf('examples/next/app/README.md')).toBeNull()
})

describe('the navigation', () => {
  it('has a page that nobody has put into a group under "More" of its folder, with its heading', () => {
    const menu = navigation(['core'], ['core/proxy'], [{ address: 'guides/new', title: 'Something new' }])
    const more = { text: 'More', items: [{ link: '/guides/new', text: 'Something new' }] }
    expect(menu.sidebar['/']).toContainEqual(more)
    expect(menu.sidebar['/operate/']).not.toContainEqual(more)
  })

  it('reports a name that is no page', () => {
    const menu = navigation(['core'], ['core/proxy'], [])
    const named = Object.values(menu.sidebar)
      .flat()
      .flatMap(({ items = [] }) => items.map(({ link = '' }) => link.slice(1)))
    expect(navigationProblems(named, menu)).toEqual([])
    const others = named.filter((address) => address !== 'errors')
    expect(navigationProblems(others, menu)).toEqual([
      '.vitepress/navigation.ts names errors, which is no page.',
    ])
  })
})

describe('the reference of the API', () => {
  const entries = listEntries(root)

  it('has the page of an entry, with the comment and the declaration of each export', () => {
    const wanted = entries.filter(({ entry }) => entry === 'core/proxy')
    const [page = ''] = apiPages(wanted).values()
    expect(page).toContain('### sessionFetch\n\nMakes a function with which server code calls APIs')
    expect(page).toContain('```ts\nfunction sessionFetch(options: SessionFetchOptions): SessionFetch\n```')
    expect(page).toMatch(/### ApiProxyOptions\n\n```ts\ninterface ApiProxyOptions \{\n {2}\/\*\* The APIs/)
  })

  it('covers every entry that a package exports', () => {
    expect(entries.map(({ entry }) => entry)).toEqual(
      expect.arrayContaining(['core', 'core/compose', 'client/react', 'client/vue', 'testing', 'cli']),
    )
  })
})
