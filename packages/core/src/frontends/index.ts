/**
 * `@bff/core/frontends`: several BFFs in one app, by origin or path, added and removed at run time.
 *
 * @module
 */

export { type FrontendPlace, type Frontends, type FrontendsOptions, frontends } from './frontends.ts'
