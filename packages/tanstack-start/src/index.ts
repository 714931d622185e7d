export {
  type StartEvent,
  type TanStackStartBff,
  type TanStackStartBffOptions,
  tanStackStartBff,
} from './tanstack-start-bff.ts'
