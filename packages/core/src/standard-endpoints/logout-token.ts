import { sha256Base64url } from '../internal/crypto/hash.ts'

/** Proves that a sign-out link was made for this session: bound to its id, and useless for anything else (LGO-18). */
export const logoutToken = async (id: string) => (await sha256Base64url(`logout:${id}`)).slice(0, 22)
