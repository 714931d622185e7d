import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findViolations } from '../boundaries.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'boundaries-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(file: string, content: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

function addPackage(short: string, manifest: object, source: string): void {
  const base = { name: `@bff/${short}`, version: '0.0.0', exports: { '.': './src/index.ts' } }
  write(`packages/${short}/package.json`, JSON.stringify({ ...base, ...manifest }))
  for (const file of ['README.md', 'tsconfig.json', 'tsup.config.ts', 'vitest.config.ts', 'test/x.test.ts']) {
    write(`packages/${short}/${file}`, '')
  }
  write(`packages/${short}/src/index.ts`, source)
}

const CORE_PEER = {
  peerDependencies: { '@bff/core': 'workspace:^' },
  devDependencies: { '@bff/core': 'workspace:*' },
}

describe('findViolations', () => {
  it('finds nothing in a workspace that keeps to the table', () => {
    addPackage(
      'core',
      { dependencies: { 'ipaddr.js': '2' } },
      `import ipaddr from 'ipaddr.js'\nexport { ipaddr }`,
    )
    addPackage('store-memory', CORE_PEER, `import { createBff } from '@bff/core'\nimport './model.ts'`)
    write('packages/store-memory/src/model.ts', '')
    expect(findViolations(root)).toEqual([])
  })

  it.each([
    ['a static import', `import { readFile } from 'node:fs/promises'`],
    ['a type-only import', `import type { Server } from 'node:http'`],
    ['an import type', `export type T = import('node:http').Server`],
    ['a dynamic import', `export const load = () => import('node:crypto')`],
    ['a re-export', `export * from 'node:util'`],
    ['a side effect', `import 'node:process'`],
    ['a name without prefix', `import fs from 'fs'`],
  ])('finds core importing a Node module by %s', (_, source) => {
    addPackage('core', {}, source)
    expect(findViolations(root)).toEqual([
      expect.stringMatching(/^packages\/core\/src\/index.ts: imports '.+core imports no Node/),
    ])
  })

  it.each([`declare module 'fastify' {}`, `export {}\ndeclare global {}`, `declare module "express" {}`])(
    'finds a package that augments the types of its host: %j',
    (source) => {
      addPackage('store-memory', CORE_PEER, source)
      expect(findViolations(root)).toEqual([expect.stringMatching(/index\.ts: declare .+ augments/)])
    },
  )

  it('lets a package add events and error codes of its own to core', () => {
    addPackage('store-memory', CORE_PEER, `declare module '@bff/core' {}`)
    expect(findViolations(root)).toEqual([])
  })

  it('finds core importing a package other than ipaddr.js', () => {
    addPackage('core', { dependencies: { undici: '7' } }, `import { fetch } from 'undici'`)
    expect(findViolations(root)).toHaveLength(2)
  })

  it('finds a store importing a store', () => {
    addPackage('core', {}, '')
    addPackage('store-memory', CORE_PEER, '')
    addPackage('store-redis', CORE_PEER, `import { memoryStore } from '@bff/store-memory'`)
    expect(findViolations(root)).toEqual([expect.stringContaining('does not let store-redis import it')])
  })

  it('finds an import that is allowed but not declared', () => {
    addPackage('core', {}, `import 'ipaddr.js'`)
    expect(findViolations(root)).toEqual([
      expect.stringContaining('Declare ipaddr.js in packages/core/package.json'),
    ])
  })

  it('finds an import past the public entries', () => {
    addPackage('core', {}, '')
    addPackage('node', CORE_PEER, `import '@bff/core/src/bff.ts'`)
    expect(findViolations(root)).toEqual([expect.stringContaining('no public entry of @bff/core')])
  })

  it('lets an entry of a package stand on its other public entries, by name', () => {
    addPackage('core', {}, '')
    write('packages/core/src/proxy.ts', `import '@bff/core'\nimport '@bff/core/secret'`)
    expect(findViolations(root)).toEqual([
      expect.stringContaining("'@bff/core/secret'. It is no public entry"),
    ])
  })

  it('finds a relative import into another package', () => {
    addPackage('core', {}, '')
    addPackage('node', CORE_PEER, `import '../../core/src/index.ts'`)
    expect(findViolations(root)).toEqual([expect.stringContaining('stays inside its own src')])
  })

  it('finds a package importing an app', () => {
    write('apps/idp/package.json', JSON.stringify({ name: '@bff/idp' }))
    addPackage('oidc', { devDependencies: { '@bff/idp': 'workspace:*' } }, `import '@bff/idp'`)
    expect(findViolations(root)).toEqual([expect.stringContaining('No package imports an app')])
  })

  it('finds an app importing what it does not declare', () => {
    write('apps/demo/package.json', JSON.stringify({ name: '@bff/demo' }))
    write('apps/demo/src/main.ts', `import '@bff/core'\nimport { readFileSync } from 'node:fs'`)
    expect(findViolations(root)).toEqual([
      expect.stringContaining('Declare @bff/core in apps/demo/package.json'),
    ])
  })

  it('finds core as a plain dependency, a pinned peer and a peer nobody develops against', () => {
    addPackage('core', {}, '')
    addPackage('node', { dependencies: { '@bff/core': 'workspace:*' } }, '')
    addPackage('oidc', { ...CORE_PEER, peerDependencies: { '@bff/core': 'workspace:*' } }, '')
    addPackage('store-memory', { peerDependencies: { '@bff/core': 'workspace:^' } }, '')
    expect(findViolations(root)).toEqual([
      expect.stringContaining('packages/node/package.json: @bff/core may not be a dependency'),
      expect.stringContaining('packages/oidc/package.json: peer dependency @bff/core must be "workspace:^"'),
      expect.stringContaining(
        'packages/store-memory/package.json: peer dependency @bff/core must also be a devDependency',
      ),
    ])
  })

  it('finds a missing file, and a missing changelog once there is a release', () => {
    addPackage('core', { version: '1.0.0' }, '')
    rmSync(join(root, 'packages/core/README.md'))
    expect(findViolations(root)).toEqual([
      expect.stringContaining('packages/core: README.md is missing'),
      expect.stringContaining('packages/core: CHANGELOG.md is missing'),
    ])
  })

  it('finds a package without a row in the table', () => {
    addPackage('surprise', {}, '')
    expect(findViolations(root)).toEqual([expect.stringContaining('no row in the table')])
  })
})
