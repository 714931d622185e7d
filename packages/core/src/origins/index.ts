/**
 * `@bff/core/origins`: several origins for one BFF, listed or loaded at run time.
 *
 * @module
 */

export type { LoadOrigin } from './loaded-origins.ts'
export { type ListedOriginsOptions, type LoadedOriginsOptions, origins } from './origins.ts'
