export { type HonoBff, type HonoBffOptions, honoBff, type OptionalEnv, type RequiredEnv } from './hono-bff.ts'
