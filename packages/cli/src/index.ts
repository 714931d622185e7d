export { doctor, type Finding } from './doctor.ts'
export type { ExitCode, Output } from './output.ts'
export { run } from './run.ts'
