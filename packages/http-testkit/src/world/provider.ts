import { BffError, type Grant, type IdentityProvider, type TokenSet } from '@bff/core'

export const ISSUER = 'https://idp.example.com'

/** An identity provider in this process: signs everyone in as `subject`, and never asks. */
export class TestProvider implements IdentityProvider {
  /** Whom the next sign-in is for. */
  subject = 'alice'
  /** Every refresh and access token that it received for revocation. */
  readonly revoked: string[] = []
  #issued = 0

  async authorize({ state, redirectUri }: { readonly state: string; readonly redirectUri: string }) {
    const query = new URLSearchParams({ state, redirect_uri: redirectUri })
    return { url: `${ISSUER}/authorize?${query}`, transaction: { verifier: 'verifier' } }
  }

  async exchange(): Promise<Grant> {
    const { subject } = this
    const claims = { iss: ISSUER, sub: subject }
    return { ...this.#tokens(), claims, issuer: ISSUER, subject, providerSessionId: null, sessionState: null }
  }

  async refresh(): Promise<TokenSet> {
    return this.#tokens()
  }

  async revoke({ token }: { readonly token: string }): Promise<void> {
    this.revoked.push(token)
  }

  isMaker(): boolean {
    return true
  }

  sharesGrants(): boolean {
    return false
  }

  async apiToken(): Promise<never> {
    throw new BffError('provider_misconfigured')
  }

  async endSessionUrl(): Promise<string> {
    return `${ISSUER}/logout`
  }

  async verifyLogoutToken(): Promise<never> {
    throw new BffError('bad_request')
  }

  #tokens(): TokenSet {
    this.#issued += 1
    return {
      accessToken: `access-${this.subject}-${this.#issued}`,
      expiresIn: 3_600,
      refreshToken: `refresh-${this.subject}-${this.#issued}`,
      refreshTokenExpiresIn: null,
      idToken: null,
      scope: null,
      dpopKeyPair: null,
      claims: null,
    }
  }
}
