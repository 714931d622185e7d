import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPackage, namesOf } from './new-package.mjs'
import { contractOf } from './store-contract.mjs'

/** @type {import('./new-package.mjs').Kind} */
const STORE = {
  template: 'store-memory',
  without: ['src', 'test', 'README.md'],
  folder: (name) => `store-${name}`,
  hint: 'pnpm new:store mongodb',
  rename:
    ({ name }) =>
    (text) =>
      text.replaceAll('store-memory', `store-${name}`).replaceAll(/,\s*"fast-check": "catalog:"/g, ''),
  description: (name) => `The ${name} session store of @bff/core.`,
  changes: (name) => `Sessions in ${name}.`,
  row: ({ name }, table) =>
    table.replace(
      /^ *\{ of: 'store-\*'/m,
      `  { of: 'store-${name}', bff: ['core'], host: [], node: true },\n$&`,
    ),
}

/**
 * Makes a package `store-<name>`: the methods of the contract, each with its laws and without a body, and the tests of the laws.
 *
 * @param {string} root
 * @param {string} name such as `mongodb` or `cloudflare-kv`
 * @returns {string} its folder, relative to the root
 */
export function createStore(root, name) {
  const folder = createPackage(root, name, STORE)
  const { camel, pascal } = namesOf(name)
  const contracts = join(root, 'packages/core/src/contracts')
  const read = (/** @type {string} */ file) => readFileSync(join(contracts, file), 'utf8')
  const sessions = contractOf(read('session-store.ts'), 'SessionStore')
  const ttl = contractOf(read('ttl-store.ts'), 'TtlStore')
  /** @type {Record<string, string>} */
  const files = {
    'README.md': readme(name, camel),
    'src/index.ts': entry(camel, pascal),
    'src/sessions.ts': classOf(`${pascal}SessionStore`, 'SessionStore', sessions),
    'src/ttl.ts': classOf(`${pascal}TtlStore`, 'TtlStore', ttl),
    'src/unwritten.ts': UNWRITTEN,
    'test/harness.ts': harness(camel),
    'test/laws.test.ts': laws(camel),
  }
  for (const part of ['src', 'test']) mkdirSync(join(root, folder, part))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, folder, file), text)
  return folder
}

const UNWRITTEN = `import { BffError } from '@bff/core'

/** Remove this file once every method is written. */
export function unwritten(method: string): never {
  throw new BffError('internal_error', \`\${method} is not written yet.\`)
}
`

/**
 * @param {string} camel
 * @param {string} pascal
 */
const entry = (camel, pascal) => `import type { Stores } from '@bff/core'
import { inProcessEventBus } from '@bff/core/store'
import { ${pascal}SessionStore } from './sessions.ts'
import { ${pascal}TtlStore } from './ttl.ts'

/** Makes stores in the backend that your README names. */
export function ${camel}Store(): Stores {
  return {
    sessions: new ${pascal}SessionStore(),
    ttl: new ${pascal}TtlStore(),
    // The backend's own messages, where it has some, reach the other processes as well.
    events: inProcessEventBus(),
  }
}
`

/**
 * @param {string} name
 * @param {string} contract
 * @param {import('./store-contract.mjs').Contract} parts
 */
function classOf(name, contract, { types, methods, laws }) {
  const comment = (/** @type {readonly string[]} */ lines, indent = '') =>
    [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join('\n')
  const bodies = methods.map(({ name, parameters, returns, laws }) => {
    // A law closes the store at its end: what failed before must be the failure that is seen.
    const body = name === 'close' ? '// Release the connection here.' : `return unwritten('${name}')`
    const signature = `  async ${name}(${parameters}): ${returns} {\n    ${body}\n  }`
    return laws.length === 0 ? signature : `${comment(laws, '  ')}\n${signature}`
  })
  return `import type { ${[contract, ...types].sort().join(', ')} } from '@bff/core'
import { unwritten } from './unwritten.ts'

${comment(['Laws of every method:', '', ...laws])}
export class ${name} implements ${contract} {
${bodies.join('\n\n')}
}
`
}

/** @param {string} camel */
const harness = (camel) => `import type { StoreHarness } from '@bff/store-testkit'
import { ${camel}Store } from '../src/index.ts'

export const START = Date.UTC(2030, 0, 1)

export const harness: StoreHarness = {
  async open() {
    const stores = ${camel}Store()
    // A second client of the same backend: the laws call both in turn, so that a lock or cache of one does not pass.
    const another = ${camel}Store()
    let now = START
    return {
      stores,
      // Without messages of the backend, events stay in the client.
      another: { ...another, events: stores.events },
      now: () => now,
      // Let the time pass for the backend, too.
      advance: async (ms) => {
        now += ms
      },
      // Read the record with a client of the test's own, past the store.
      peek: async () => {
        throw new TypeError('peek is not written yet.')
      },
      close: async () => {
        await Promise.all([stores.sessions.close(), another.sessions.close()])
      },
    }
  },
}
`

/** @param {string} _camel */
const laws = (_camel) => `import { storeLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { describe, test } from 'vitest'
import { harness } from './harness.ts'

storeLaws({ test, harness })

describe('behind withPseudonyms', () => {
  storeLaws({ test, harness: pseudonymous(harness) })
})
`

/**
 * @param {string} name
 * @param {string} camel
 */
const readme = (name, camel) => `# @bff/store-${name}

Keeps the sessions of [\`@bff/core\`](../core) in ${name}.

## Set it up

Write what a user installs, and how \`${camel}Store()\` gets its connection.

## What it keeps, and where

Write the layout, what a crash of the server can lose in each configuration, and how to clean up.

## Tests

It proves the laws of [\`@bff/store-testkit\`](../store-testkit). Write what the backend is that they run on.
`
