/** The token of the BFF in Nest's dependency injection: `@Inject(BFF) bff: Bff`. */
export const BFF = Symbol('@bff/nest BFF')
