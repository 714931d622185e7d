import { createMiddleware, createStart } from '@tanstack/react-start'
import { onRequest } from './bff.ts'

const bff = createMiddleware().server(onRequest)

export const startInstance = createStart(() => ({ requestMiddleware: [bff] }))
