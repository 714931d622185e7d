/** The patch with which a revocation wipes the sealed fields (SS-11). All other fields stay for the audit trail. */
export const WIPED = {
  accessTokenEncrypted: null,
  refreshTokenEncrypted: null,
  idTokenEncrypted: null,
  claimsEncrypted: null,
  dpopKeyPairEncrypted: null,
} as const

/** The sealed fields of a record: all fields that hold bytes. */
export const SEALED_FIELDS = Object.keys(WIPED) as readonly (keyof typeof WIPED)[]
