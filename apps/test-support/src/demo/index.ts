export * from './eavesdropper.ts'
export * from './late-ending.ts'
export * from './page.ts'
export * from './ports.ts'
