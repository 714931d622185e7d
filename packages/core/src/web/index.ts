/**
 * `@bff/core/web`: what adapters of frameworks share whose request is a Web `Request`.
 *
 * @module
 */
export { guardEndpoint } from './guard-endpoint.ts'
export { requestViews } from './request-views.ts'
export {
  type CreateBff,
  type Refusal,
  type WebAdapter,
  type WebBff,
  type WebHost,
  webAdapter,
} from './web-adapter.ts'
