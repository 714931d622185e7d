export * from '../../../store-testkit/src/laws/session-store.ts'
