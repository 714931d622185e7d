export {
  type NextBff,
  type NextBffOptions,
  nextBff,
  type SessionHandler,
} from './next-bff.ts'
export type { RouteHandler, RouteHandlers } from './route-handlers.ts'
