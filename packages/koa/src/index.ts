export { type KoaBff, type KoaContext, type KoaMiddleware, koaBff } from './koa-bff.ts'
