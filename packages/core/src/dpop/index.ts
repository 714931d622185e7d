/**
 * `@bff/core/dpop`: DPoP keys and proofs (RFC 9449), for identity providers and for apps that call APIs themselves.
 *
 * @module
 */

export { generateDpopKeyPair } from './key.ts'
export { createNonceCache, dpopNonceChallenge, type NonceCache } from './nonces.ts'
export { createDpopProof, type DpopProofOptions, dpopHtu } from './proof.ts'
