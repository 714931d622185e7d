import { index, type RouteConfig, route } from '@react-router/dev/routes'

export default [
  index('routes/home.tsx'),
  route('account', 'routes/account.tsx'),
  route('profile', 'routes/profile.ts'),
  route('bff/*', 'routes/bff.ts'),
  route('api/*', 'routes/bff.ts', { id: 'api' }),
] satisfies RouteConfig
