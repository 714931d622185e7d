import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { circlesOfPackages, floorPlanProblems, privateTypes, roomProblems } from '../rooms.mjs'

const problemsOf = (imports: Record<string, readonly string[]>) =>
  roomProblems(new Map(Object.entries(imports)))

describe('the floor plan of core', () => {
  it('is kept', () => {
    expect(floorPlanProblems(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })

  it.each([
    [
      'an entry that reaches into another',
      'compose/middleware.ts',
      'proxy/routes.ts',
      'Import another entry by its door: proxy/index.ts.',
    ],
    [
      'an entry that imports a room of the main entry',
      'proxy/proxy.ts',
      'session/seal.ts',
      'An entry imports contracts/ and internal/; move what it needs of session/ there.',
    ],
    [
      'the main entry loading another one',
      'pipeline/pipeline.ts',
      'proxy/index.ts',
      'The main entry loads no other entry. Move what it needs of proxy/ to internal/.',
    ],
    [
      'shared code that knows an entry',
      'internal/hash.ts',
      'dpop/index.ts',
      'The main entry loads no other entry. Move what it needs of dpop/ to internal/.',
    ],
    [
      'a contract that imports code',
      'contracts/clock.ts',
      'internal/hash.ts',
      'A contract imports contracts only.',
    ],
    [
      'a room that imports one above it',
      'session/seal.ts',
      'refresh/lease.ts',
      'session/ stands below refresh/: see ROOMS in tools/rooms.mjs.',
    ],
    [
      'a room that imports the whole',
      'refresh/lease.ts',
      'bff.ts',
      'Import the room it is in, or its contract.',
    ],
  ])('refuses %s', (_, file, target, sentence) => {
    expect(problemsOf({ [file]: [target] })).toEqual([
      `packages/core/src/${file}: imports ${target}. ${sentence}`,
    ])
  })

  it('allows contracts, shared code, lower rooms, and the door of another entry', () => {
    const allowed = {
      'refresh/refresher.ts': [
        'contracts/clock.ts',
        'internal/hash.ts',
        'session/seal.ts',
        'refresh/lease.ts',
      ],
      'compose/middleware.ts': ['proxy/index.ts', 'index.ts', 'internal/hash.ts'],
      'bff.ts': ['parts.ts', 'pipeline/pipeline.ts'],
    }
    expect(problemsOf(allowed)).toEqual([])
  })

  it('refuses a pair of rooms that import each other', () => {
    const problems = problemsOf({ 'proxy/a.ts': ['dpop/index.ts'], 'dpop/b.ts': ['proxy/index.ts'] })
    expect(problems).toEqual([
      'packages/core/src: dpop and proxy import each other. One of them must not know the other.',
    ])
  })

  it('refuses a circle of files, also of types', () => {
    const problems = problemsOf({
      'contracts/a.ts': ['contracts/b.ts'],
      'contracts/b.ts': ['contracts/c.ts'],
      'contracts/c.ts': ['contracts/a.ts'],
    })
    expect(problems).toEqual([
      'packages/core/src: a circle of imports: contracts/a.ts -> contracts/b.ts -> contracts/c.ts -> contracts/a.ts.',
    ])
  })

  it('refuses a circle of files in a package or an app', () => {
    const root = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.rooms-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const source = join(root, 'apps/desk/src')
    mkdirSync(source, { recursive: true })
    writeFileSync(join(root, 'apps/desk/package.json'), '{ "name": "desk" }')
    writeFileSync(join(source, 'call.ts'), "import type { Journal } from './journal.tsx'\n")
    writeFileSync(join(source, 'journal.tsx'), "import { call } from './call.ts'\n")
    expect(circlesOfPackages(root)).toEqual([
      'apps/desk/src: a circle of imports: call.ts -> journal.tsx -> call.ts.',
    ])
  })

  it('refuses a public signature with a type that no entry exports', () => {
    const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), '.rooms-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const index = join(folder, 'index.ts')
    writeFileSync(
      join(folder, 'hidden.ts'),
      'export interface Hidden { readonly x: number }\nexport interface Shown { readonly hidden: Hidden }\n',
    )
    writeFileSync(index, "export type { Shown } from './hidden.ts'\n")
    expect(privateTypes([index], folder)).toEqual([
      'Shown names Hidden, which no entry exports. Export it, or leave it out of the signature.',
    ])
    writeFileSync(index, "export type { Hidden, Shown } from './hidden.ts'\n")
    expect(privateTypes([index], folder)).toEqual([])
  })
})
