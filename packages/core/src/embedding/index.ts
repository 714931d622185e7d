/**
 * `@bff/core/embedding`: an app in frames of other sites, as a plugin.
 *
 * @module
 */

export { type Embedding, type EmbeddingOptions, embedding } from './embedding.ts'
