import { describe, expect, it } from 'vitest'
import { normalise } from '../api.mjs'

describe('normalise', () => {
  it('does not see comments, order of declarations or order of exports', () => {
    const one = `/** A. */\ninterface A { a: string }\ndeclare function b(): void\nexport { type A, b };\n`
    const two = `declare function b(): void;\ninterface A {\n  /** x */ a: string;\n}\nexport { b, type A };\n`
    expect(normalise(two)).toBe(normalise(one))
  })

  it('sees a changed member, a new export and a renamed one', () => {
    const before = normalise('interface A { a: string }\nexport type { A };')
    expect(normalise('interface A { a?: string }\nexport type { A };')).not.toBe(before)
    expect(normalise('interface A { a: string }\nexport { type A, A as B };')).not.toBe(before)
    expect(normalise('interface A { a: string }\nexport type { A as B };')).not.toBe(before)
  })

  it('does not see the names a bundler gives within a chunk', () => {
    const entry = (letter: string) =>
      `import { ${letter} as Session } from './model-DcV5hFMh.js';\nexport { ${letter} as Session } from './model-DcV5hFMh.js';`
    expect(normalise(entry('a'))).toBe(normalise(entry('b')))
    const chunk = (letter: string) => `interface Session { a: string }\nexport type { Session as ${letter} };`
    expect(normalise(chunk('a'), true)).toBe(normalise(chunk('b'), true))
  })
})
