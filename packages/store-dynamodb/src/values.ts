import type { AttributeValue } from '@aws-sdk/client-dynamodb'

/** An item of the table, as the client takes and returns it. */
export type Item = Readonly<Record<string, AttributeValue>>

/** What the values of an expression are made of. */
export type Value = string | number | Uint8Array

/** Returns an attribute for each value; one that is `null` is left out. */
export function attributes(values: Readonly<Record<string, Value | null>>): Record<string, AttributeValue> {
  const made: Record<string, AttributeValue> = {}
  for (const [name, value] of Object.entries(values)) if (value !== null) made[name] = attribute(value)
  return made
}

export function attribute(value: Value): AttributeValue {
  if (typeof value === 'string') return { S: value }
  return typeof value === 'number' ? { N: String(value) } : { B: value }
}

/** Returns the names that an expression refers to as `#name`: many plain ones are reserved words. */
export function namesIn(...expressions: readonly (string | undefined)[]): Record<string, string> {
  const found = expressions.join(' ').match(/#\w+/g) ?? []
  return Object.fromEntries(found.map((reference) => [reference, reference.slice(1)]))
}

/** The values of an expression that refers to them as `:name`. */
export function valuesOf(values: Readonly<Record<string, Value>>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, attribute(value)]))
}

export const textOf = (attribute: AttributeValue | undefined): string | null => attribute?.S ?? null

export const numberOf = (attribute: AttributeValue | undefined): number | null =>
  attribute?.N === undefined ? null : Number(attribute.N)

/** DynamoDB deletes an item some time after this, in seconds. It never decides what is valid. */
export const deleteAt = (at: number): number => Math.ceil(Math.min(at, Number.MAX_SAFE_INTEGER) / 1000)
