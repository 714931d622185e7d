/** The little of autocannon the benchmark calls; the package ships no types. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly method: string
    readonly connections: number
    /** How many requests to send. */
    readonly amount: number
    /** Milliseconds. */
    readonly sampleInt: number
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Uint8Array
  }
  interface Result {
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
    readonly requests: { readonly total: number }
  }
  interface Run extends Promise<Result> {
    /** Called after each response; `ms` since its request. */
    on(
      event: 'response',
      listener: (client: unknown, status: number, bytes: number, ms: number) => void,
    ): void
  }
  export default function autocannon(options: Options): Run
}
