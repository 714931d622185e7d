export { handle } from '$lib/server/bff.ts'
