export { BFF, BffModule, type BffModuleOptions } from './bff-module.ts'
export { CurrentSession, OptionalSession, RequireSession } from './session-guards.ts'
