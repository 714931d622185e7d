import { eventBusLaws, sessionStoreLaws, ttlStoreLaws } from '@bff/store-testkit'
import { describe, test } from 'vitest'
import { openOnOwnSqlite, openSqlite } from './sqlite.ts'

describe('SQLite', () => {
  const harness = { open: () => openSqlite() }
  sessionStoreLaws({ test, harness })
  ttlStoreLaws({ test, harness })
  eventBusLaws({ test, harness })
})

describe("SQLite through the app's own drizzle instance", () => {
  const harness = { open: openOnOwnSqlite }
  sessionStoreLaws({ test, harness })
  ttlStoreLaws({ test, harness })
})
