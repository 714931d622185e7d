export * from '../../../store-testkit/src/laws/event-bus.ts'
