export { handle } from './session.ts'
