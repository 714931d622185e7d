export {
  type NextBff,
  type NextBffOptions,
  nextBff,
  type RouteHandler,
  type RouteHandlers,
  type SessionHandler,
} from './next-bff.ts'
