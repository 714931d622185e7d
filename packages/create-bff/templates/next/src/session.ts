import { nextBff } from '@bff/next'
import { makeBff } from './bff.ts'

export const { handlers, getSession, requireSession, withSession } = nextBff(() => makeBff())
