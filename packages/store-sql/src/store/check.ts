import { BffError } from '@bff/core'
import type { Table } from '../sql/table.ts'
import type { Database } from './database.ts'
import type { TableFacts } from './engine.ts'

/** The keys and indexes that the store needs, by the TypeScript names of their fields. */
export interface Needs {
  readonly table: Table<string>
  readonly fields: readonly string[]
  readonly unique: string
  readonly lookups: readonly (readonly string[])[]
}

const NEWEST_FIRST = ['createdAt', 'id']

export const SESSION_LOOKUPS = [
  ['userId', ...NEWEST_FIRST],
  ['organizationId', ...NEWEST_FIRST],
  ['issuer', 'subject', ...NEWEST_FIRST],
  ['issuer', 'providerSessionId', ...NEWEST_FIRST],
  ['revokedAt', 'endsAt'],
] as const

export const TTL_LOOKUPS = [['expiresAt']] as const

/** @throws BffError `invalid_config` with a sentence that says what is missing in the database */
export async function checkSchema(database: Database, all: readonly Needs[], remedy: string): Promise<void> {
  for (const needs of all) {
    const facts = await database.run((engine) => engine.describe(needs.table.at))
    const lack = findLack(needs, facts)
    if (lack !== null)
      throw new BffError('invalid_config', `The table ${needs.table.at.name} ${lack}. ${remedy}`)
  }
  const fault = await database.run((engine) => engine.misconfigured?.() ?? null)
  if (fault !== null) throw new BffError('invalid_config', fault)
}

function findLack(
  { table, fields, unique, lookups }: Needs,
  { columns, indexes }: TableFacts,
): string | null {
  if (columns.length === 0) return 'is missing'
  const { nameOf } = table
  const missing = fields.map(nameOf).filter((name) => !columns.includes(name))
  if (missing.length > 0) return `has no column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`
  if (!indexes.some((index) => index.unique && index.columns.join() === nameOf(unique))) {
    return `has no primary key or unique index on ${nameOf(unique)}`
  }
  for (const lookup of lookups) {
    const wanted = lookup.map(nameOf)
    const found = indexes.some((index) => wanted.every((name, place) => index.columns[place] === name))
    if (!found) return `has no index on (${wanted.join(', ')})`
  }
  return null
}
