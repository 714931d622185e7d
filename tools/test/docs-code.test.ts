import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compileBlocks, extractBlocks, looseExamples } from '../docs-code.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

describe('looseExamples', () => {
  it('names an example that no block contains, so that nothing would compile it', () => {
    const fenced = ['/**', ' * @example', ' * ```ts', ' * f()', ' * ```', ' */']
    const loose = ['/**', ' * @example', ' * f()', ' */']
    expect(looseExamples('a.ts', [...fenced, ...loose].join('\n'))).toEqual([
      'a.ts:8: The example is not in a TypeScript block.',
    ])
  })
})

describe('extractBlocks', () => {
  it('takes the ts and tsx blocks of a document, with the line they start at', () => {
    const text = [
      '# Title',
      '```ts',
      'const a = 1',
      '```',
      '```sh',
      'ls',
      '```',
      '```tsx',
      '<a />',
      '```',
    ].join('\n')
    expect(extractBlocks('README.md', text)).toEqual([
      { file: 'README.md', line: 3, language: 'ts', code: 'const a = 1' },
      { file: 'README.md', line: 9, language: 'tsx', code: '<a />' },
    ])
  })

  it('takes the blocks of doc comments without their stars', () => {
    const text = ['/**', ' * @example', ' * ```ts', " * import 'x'", ' *', ' *   f()', ' * ```', ' */'].join(
      '\n',
    )
    expect(extractBlocks('packages/core/src/x.ts', text)).toEqual([
      { file: 'packages/core/src/x.ts', line: 4, language: 'ts', code: "import 'x'\n\n  f()" },
    ])
  })
})

describe('compileBlocks', () => {
  it('tells file and line of what does not compile, and accepts what does', () => {
    const good = {
      file: 'a.md',
      line: 2,
      language: 'ts',
      code: `import { BffError } from '@bff/core'\nnew BffError('not_found')`,
    }
    const bad = {
      file: 'b.md',
      line: 7,
      language: 'ts',
      code: `import { BffError } from '@bff/core'\nnew BffError('nonsense')`,
    }
    expect(compileBlocks(root, [good, bad])).toEqual([expect.stringMatching(/^b\.md:8: .*nonsense/)])
  })

  it('lets a block import another one of its document that names its file', () => {
    const named = { file: 'a.md', line: 2, language: 'ts', code: '// lib/one.ts\nexport const one = 1' }
    const code = "import { one } from './lib/one.ts'\none.toFixed()"
    const importingIn = (file: string) => ({ file, line: 9, language: 'ts', code })
    const route = "// app/[...bff]/route.ts\nimport { one } from '../../lib/one.ts'\none.toFixed()"
    const nested = { file: 'a.md', line: 20, language: 'ts', code: route }
    expect(compileBlocks(root, [named, importingIn('a.md'), importingIn('b.md'), nested])).toEqual([
      expect.stringMatching(/^b\.md:9: Cannot find module/),
    ])
  })
})
