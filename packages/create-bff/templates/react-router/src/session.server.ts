import { reactRouterBff } from '@bff/react-router'
import { makeBff } from './bff.ts'

export const { middleware, getSession, requireSession, withSession } = reactRouterBff(() => makeBff())
