/** An option that weakens security. The BFF reports it with a `config.insecure` event when it starts. */
export interface InsecureOption {
  /** Such as `oidc.dangerouslyPublicClient`. */
  readonly option: string
  /** The risk, and what to do instead. */
  readonly message: string
}

/** An object that lists its own insecure options, so that `createBff` can report them. */
export interface WithInsecureOptions {
  /** @default none */
  readonly insecureOptions?: readonly InsecureOption[]
}
