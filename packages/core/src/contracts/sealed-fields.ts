import type { FieldsWith } from './session-fields.ts'

/**
 * The patch with which a revocation wipes the sealed fields (SS-11). All other fields stay for the audit trail.
 *
 * The names are written out and checked against `SESSION_FIELDS`, because the main entry does not load that table.
 */
export const WIPED = {
  accessTokenEncrypted: null,
  refreshTokenEncrypted: null,
  idTokenEncrypted: null,
  claimsEncrypted: null,
  dpopKeyPairEncrypted: null,
} as const satisfies { readonly [Field in FieldsWith<{ type: 'sealed' }>]: null }

/** The sealed fields of a record: all fields that hold bytes. */
export const SEALED_FIELDS = Object.keys(WIPED) as readonly (keyof typeof WIPED)[]
