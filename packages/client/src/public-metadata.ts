/** Metadata of which a page knows no types. */
export type AnyMetadata = Readonly<Record<string, unknown>>

/** What this client reads from the type of a `Bff` of `@bff/core`. */
interface TypedBff<Metadata, PublicKey> {
  getSession(...request: never): Promise<{ readonly metadata: Metadata } | null>
  readonly options: { readonly session: { readonly publicMetadata: readonly PublicKey[] } }
}

/**
 * The metadata that pages of a BFF see: the members that its option `session.publicMetadata` lists, with the types of the
 * schema in `session.metadata`.
 *
 * @typeParam App the type of the BFF, or of a function that makes it, such as `typeof bff`; import it with `import type`
 */
export type PublicMetadata<App> = App extends (...options: never) => infer Made
  ? PublicMetadata<Awaited<Made>>
  : App extends TypedBff<infer Metadata, infer PublicKey>
    ? Readonly<Pick<Metadata, PublicKey & keyof Metadata>>
    : AnyMetadata
