/** What a revocation does to the sealed fields, as a patch (SS-11). All else stays for the audit trail. */
export const WIPED = {
  accessTokenEncrypted: null,
  refreshTokenEncrypted: null,
  idTokenEncrypted: null,
  claimsEncrypted: null,
  dpopKeyPairEncrypted: null,
} as const

/** The sealed fields of a record: all that holds bytes. */
export const SEALED_FIELDS = Object.keys(WIPED) as readonly (keyof typeof WIPED)[]
