/** A choice that weakens security, announced by a `config.insecure` event when the BFF starts. */
export interface InsecureOption {
  /** Such as `oidc.dangerouslyPublicClient`. */
  readonly option: string
  /** What it risks and what to do instead. */
  readonly message: string
}

/** What names its own insecure choices, so that `createBff` can announce them. */
export interface WithInsecureOptions {
  /** @default none */
  readonly insecureOptions?: readonly InsecureOption[]
}
