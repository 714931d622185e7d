import { withSession } from '../bff'

export default defineEventHandler(withSession((_event, { userId }) => ({ user: userId })))
