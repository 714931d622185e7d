/** Metadata of which a page knows no types. */
export type AnyMetadata = Readonly<Record<string, unknown>>

/**
 * The metadata that pages of a BFF see: the members that its option `session.publicMetadata` lists, with the types of the
 * schema in `session.metadata`.
 *
 * @typeParam App the type of the BFF, or of a function that makes it, such as `typeof bff`; import it with `import type`
 */
export type PublicMetadata<App> = App extends (...options: never) => infer Made
  ? PublicMetadata<Awaited<Made>>
  : App extends {
        // What it reads from the type of a `Bff` of `@bff/core`, which this package does not import.
        getSession(...request: never): Promise<{ readonly metadata: infer Metadata } | null>
        readonly options: { readonly session: { readonly publicMetadata: readonly (infer PublicKey)[] } }
      }
    ? Readonly<Pick<Metadata, PublicKey & keyof Metadata>>
    : AnyMetadata
