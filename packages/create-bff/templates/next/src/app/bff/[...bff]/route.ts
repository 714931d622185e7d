import { handlers } from '../../../session.ts'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers
