export * from '../../../store-testkit/src/harness.ts'
