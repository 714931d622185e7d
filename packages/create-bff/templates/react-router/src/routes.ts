import { index, type RouteConfig, route } from '@react-router/dev/routes'

export default [
  index('routes/home.tsx'),
  route('bff/*', 'routes/bff.ts'),
  route('api/*', 'routes/bff.ts', { id: 'api' }),
] satisfies RouteConfig
