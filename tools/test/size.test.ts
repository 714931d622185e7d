import { describe, expect, it } from 'vitest'
import { isolationProblems, loadForFirstUser, measure, sizeProblems } from '../size.mjs'

const loaded = (entry: string, bytes: number, files: string[] = []) => ({ entry, bytes, files })

describe('sizes of entries', () => {
  it('count what an entry imports, and not what it may import later', async () => {
    const found = await measure()
    const main = found.find(({ entry }) => entry === '@bff/core')
    expect(main?.files).toContain('packages/core/src/refresh/refresher.ts')
    for (const later of ['standard-endpoints/descriptions', 'sign-in/problem-page'])
      expect(main?.files).not.toContain(`packages/core/src/${later}.ts`)
    expect(isolationProblems(found)).toEqual([])
  })

  it('count what an app loads until its first user has signed out, at the start or later', async () => {
    const { bytes, files } = await loadForFirstUser()
    for (const used of ['sign-in/callback', 'proxy/send', 'standard-endpoints/logout'])
      expect(files).toContain(`packages/core/src/${used}.ts`)
    for (const unused of ['sign-in/problem-page', 'endpoints/health', 'rate-limit/guard'])
      expect(files).not.toContain(`packages/core/src/${unused}.ts`)
    const start = (await measure()).filter(
      ({ entry }) => entry === '@bff/core' || entry === '@bff/core/proxy',
    )
    for (const entry of start) expect(bytes).toBeGreaterThan(entry.bytes)
  })

  it('name what the main entry loads of another entry', () => {
    const main = loaded('@bff/core', 1, ['packages/core/src/bff.ts', 'packages/core/src/proxy/proxy.ts'])
    expect(isolationProblems([main, loaded('@bff/core/proxy', 1)])).toEqual([
      '@bff/core loads packages/core/src/proxy/proxy.ts, which belongs to another entry.',
    ])
  })

  it('may grow by three in a hundred, and further with a reason in a changeset', () => {
    const record = { '@bff/core/proxy': 1000 }
    expect(sizeProblems([loaded('@bff/core/proxy', 1030)], record, '')).toEqual([])
    const grown = [loaded('@bff/core/proxy', 1031)]
    expect(sizeProblems(grown, record, 'A new relay.')).toEqual([
      '@bff/core/proxy grew from 1000 to 1031 bytes. Say why in a changeset, in a line that starts with "Size of `@bff/core/proxy`:".',
    ])
    expect(sizeProblems(grown, record, 'A new relay.\n\nSize of `@bff/core/proxy`: the relay.')).toEqual([])
    expect(sizeProblems(grown, {}, '')).toEqual([])
  })
})
