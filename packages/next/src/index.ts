export {
  type NextBff,
  type NextBffOptions,
  nextBff,
  type RouteHandler,
  type RouteHandlers,
} from './next-bff.ts'
