// app/orders/[[...path]]/route.ts
import { handlers } from '../../../lib/bff.ts'

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = handlers
