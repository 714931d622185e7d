import {
  SESSION_FIELDS,
  type SessionField,
  type SessionFieldFacts,
  type SessionFieldType,
} from '@bff/core/store'
import type { ColumnBuilderBase, NotNull } from 'drizzle-orm'

/** The fields that are one column each. The handle is the column `id`, and a revocation is several columns. */
export type PlainField = Exclude<SessionField, 'handle' | 'revocation'>

export const PLAIN_FIELDS = (Object.keys(SESSION_FIELDS) as SessionField[]).filter(
  (field) => field !== 'handle' && field !== 'revocation',
)

type PlainType = Exclude<SessionFieldType, 'handle' | 'revocation'>
type Facts<Field extends PlainField> = (typeof SESSION_FIELDS)[Field]

/**
 * The type of a dialect's column for each type of field. An interface that extends it declares what each maker returns
 * for `this['name']` and `this['max']`, so that derived columns have types as precise as columns written by hand.
 */
export interface ColumnTypes extends Readonly<Record<PlainType, ColumnBuilderBase>> {
  readonly name: string
  readonly max: number
}

/** A dialect's function that makes the column, for each type of field. */
export type ColumnMakers = {
  readonly [Type in PlainType]: (name: string, max: number) => { notNull(): unknown }
}

type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Uppercase<First> ? '_' : ''}${Lowercase<First>}${SnakeCase<Rest>}`
  : ''

type MaxOf<Field extends PlainField> = Facts<Field> extends { readonly max: infer Max } ? Max : never

type ColumnOf<Types extends ColumnTypes, Field extends PlainField> = (Types & {
  readonly name: SnakeCase<Field>
  readonly max: MaxOf<Field>
})[Facts<Field>['type']]

/** The columns of {@link PLAIN_FIELDS} in a dialect, each named after its field in snake case. */
export type PlainColumns<Types extends ColumnTypes> = {
  [Field in PlainField]: Facts<Field> extends { readonly nullable: true }
    ? ColumnOf<Types, Field>
    : NotNull<ColumnOf<Types, Field>>
}

export function plainColumns<Types extends ColumnTypes>(makers: ColumnMakers): PlainColumns<Types> {
  const columns = PLAIN_FIELDS.map((field) => {
    const { type } = SESSION_FIELDS[field]
    const { max = 0, nullable }: SessionFieldFacts = SESSION_FIELDS[field]
    const column = makers[type](snakeCase(field), max)
    return [field, nullable ? column : column.notNull()]
  })
  return Object.fromEntries(columns) as PlainColumns<Types>
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
