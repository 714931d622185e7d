import { describe, expect, test } from 'vitest'

/** Of every option of a type one case; TypeScript refuses a table that lacks one. */
export type OptionCases<Options> = {
  readonly [Name in NameOf<Options>]-?: OptionCase<Name, ValueOf<Options, Name>>
}

/** An option at a value that is not its default, and what shows it. */
export interface OptionCase<Name extends PropertyKey, Value> {
  readonly set: Value
  /** What stands in its place for comparison. By default the option is left out; a required one cannot be. */
  readonly instead?: Value
  /** What is to be seen from outside with these options. */
  see(options: { readonly [Key in Name]?: Value }): unknown
  /** What is seen otherwise, and what with the value set. */
  readonly shows: readonly [otherwise: unknown, set: unknown]
}

type NameOf<Options> = Options extends unknown ? Extract<keyof Options, string> : never
type ValueOf<Options, Name extends PropertyKey> = Options extends { readonly [Key in Name]?: infer Value }
  ? Exclude<Value, undefined>
  : never

/**
 * Sets each option of a type to a value that is not its default, and sees the difference it makes. That every type has
 * such a table is checked by tools/test/documents.test.ts, which looks for `testOptions<Type>('Type'`.
 */
export function testOptions<Options>(name: string, cases: OptionCases<Options>): void {
  describe(name, () => {
    test.each(Object.entries<OptionCase<string, unknown>>(cases))(
      '%s makes a difference',
      async (option, { set, instead, see, shows: [otherwise, changed] }) => {
        const usual = await see(instead === undefined ? {} : { [option]: instead })
        const seen = await see({ [option]: set })
        expect(usual, `${option} otherwise`).toEqual(otherwise)
        expect(seen, `${option} set`).toEqual(changed)
        expect(seen, `${option} makes no difference`).not.toEqual(usual)
      },
    )
  })
}
