import { storeLaws } from '@bff/store-testkit'
import { pseudonymous } from '@bff/store-testkit/fixtures'
import { describe, test } from 'vitest'
import { openOnOwnSqlite, openSqlite } from './sqlite.ts'

describe('SQLite', () => {
  const harness = { open: () => openSqlite() }
  storeLaws({ test, harness })
})

describe('SQLite behind withPseudonyms', () => {
  const harness = pseudonymous({ open: () => openSqlite() })
  storeLaws({ test, harness })
})

describe("SQLite through the app's own drizzle instance", () => {
  const harness = { open: openOnOwnSqlite }
  storeLaws({ test, harness })
})
