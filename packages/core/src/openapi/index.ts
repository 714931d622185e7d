/**
 * `@bff/core/openapi`: the BFF's own endpoints as an OpenAPI 3.1 document.
 *
 * @module
 */

export type { OpenApiDocument, OpenApiOperation } from './document.ts'
export { type OpenApiOptions, openapi, openapiDocument } from './openapi.ts'
