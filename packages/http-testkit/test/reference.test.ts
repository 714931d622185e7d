import { test } from 'vitest'
import { describeHttpAdapter } from '../src/index.ts'
import { reference, serveSteps } from './reference-adapter.ts'

describeHttpAdapter({ name: 'reference', test, serve: (bff) => serveSteps(reference, bff) })
