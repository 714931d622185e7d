export {
  type AstroBff,
  type AstroBffOptions,
  type AstroContext,
  astroBff,
  type BffLocals,
} from './astro-bff.ts'
