export * from '../../packages/testing/src/manual-clock.ts'
