declare module '@bff/core' {
  interface BffEventMap {
    'wallet.challenged': object
    'wallet.signed_in': { readonly userId: string; readonly wallet: 'key' | 'contract' }
    'wallet.refused': { readonly reason: string }
    'wallet.family_revoked': {
      readonly userId: string
      readonly reason: 'reuse' | 'wallet_refused'
      readonly severity: 'warning'
    }
  }

  interface LogoutEventMap {
    wallet: {
      /** EIP-55. */
      readonly user_address: string
      /** `jti` of the refresh token that signed out. */
      readonly token_id: string
    }
  }
}

export {}
