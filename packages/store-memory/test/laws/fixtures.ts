export * from '../../../store-testkit/src/fixtures.ts'
