export { onRequest } from './bff.ts'
