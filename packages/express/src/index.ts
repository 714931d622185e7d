export { type ErrorMiddleware, type ExpressBff, expressBff, type Middleware } from './express-bff.ts'
