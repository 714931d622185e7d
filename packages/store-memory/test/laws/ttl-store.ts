export * from '../../../store-testkit/src/laws/ttl-store.ts'
