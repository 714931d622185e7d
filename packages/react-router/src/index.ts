export {
  type ReactRouterArgs,
  type ReactRouterBff,
  type ReactRouterBffOptions,
  reactRouterBff,
} from './react-router-bff.ts'
