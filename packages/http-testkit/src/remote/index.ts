export type { FetchHandler } from '../fetch-handler.ts'
export type { ServedApp } from '../served-app.ts'
export { remoteApp } from './remote-app.ts'
