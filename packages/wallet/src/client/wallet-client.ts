import { type ClientOptions, post, refuseUnknown, text } from './http.ts'

/** The parameters of a challenge. */
export interface ChallengeRequest {
  /** The address that will sign. */
  readonly address?: string
  /** @default the first chain that the server allows */
  readonly chainId?: number
}

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Signs in. `SignedIn` is the result. */
export interface Authenticator<SignedIn> {
  /** Returns a challenge, as the token to send back. @throws WalletClientError */
  challenge(request?: ChallengeRequest): Promise<string>
  /** @param signature `0x` hex. @throws WalletClientError 400, 401, 503 */
  login(challenge: string, signature: string, address: string): Promise<SignedIn>
}

/** The four methods of a client that stores its tokens itself. */
export interface WalletClient extends Authenticator<TokenPair> {
  /**
   * Returns the next pair; the given refresh token is then used. @throws WalletClientError 401: sign in again; 503: try
   * again
   */
  refresh(refreshToken: string): Promise<TokenPair>
  /** @throws WalletClientError 503: not signed out yet, try again */
  logout(refreshToken: string, accessToken: string): Promise<void>
}

/** The methods for a page, which never receives tokens. */
export interface WalletPage extends Authenticator<{ readonly address: string }> {
  /** Refreshes the tokens of the session now; the BFF does so by itself when they are due. */
  refresh(): Promise<void>
  logout(): Promise<void>
}

export interface WalletPageOptions extends ClientOptions {
  /** The path of the BFF's endpoints, for `walletPage()`. @default `/bff` */
  readonly basePath?: string
}

/**
 * Makes a client of a service with `tokens: 'client'`, for apps that are not web pages.
 *
 * @example
 * ```ts
 * import { challengeMessage, walletClient } from '@bff/wallet/client'
 *
 * export async function signIn(address: string, sign: (message: string) => Promise<string>) {
 *   const client = walletClient({ url: 'https://auth.example.com' })
 *   const challenge = await client.challenge({ address })
 *   return client.login(challenge, await sign(challengeMessage(challenge)), address)
 * }
 * ```
 */
export function walletClient(options: ClientOptions): WalletClient {
  refuseUnknown('walletClient', options, ['url', 'authPath', 'fetch'])
  const { authPath = '/auth' } = options
  const pairOf = (answer: Readonly<Record<string, unknown>>): TokenPair => ({
    accessToken: text(answer, 'access_token'),
    refreshToken: text(answer, 'refresh_token'),
  })
  return {
    challenge: (request) => askChallenge(options, request),
    login: async (challenge, signature, address) =>
      pairOf(await post(options, `${authPath}/login`, { challenge, signature, address })),
    refresh: async (refreshToken) =>
      pairOf(await post(options, `${authPath}/refresh`, { refresh_token: refreshToken })),
    async logout(refreshToken, accessToken) {
      const body = { refresh_token: refreshToken, access_token: accessToken }
      await post(options, `${authPath}/logout`, body)
    },
  }
}

/**
 * Makes the client for a page of a BFF whose wallet has `tokens: 'cookie'`.
 *
 * @throws TypeError for an unknown option
 */
export function walletPage(options: WalletPageOptions = {}): WalletPage {
  refuseUnknown('walletPage', options, ['url', 'authPath', 'basePath', 'fetch'])
  const { authPath = '/auth', basePath = '/bff' } = options
  return {
    challenge: (request) => askChallenge(options, request),
    async login(challenge, signature, address) {
      const answer = await post(options, `${authPath}/login`, { challenge, signature, address })
      return { address: text(answer, 'address') }
    },
    async refresh() {
      await post(options, `${basePath}/refresh`, {})
    },
    async logout() {
      await post(options, `${basePath}/logout`, {})
    },
  }
}

async function askChallenge(
  options: ClientOptions,
  { address, chainId }: ChallengeRequest = {},
): Promise<string> {
  const { authPath = '/auth' } = options
  const body = {
    ...(address !== undefined && { address }),
    ...(chainId !== undefined && { chain_id: chainId }),
  }
  return text(await post(options, `${authPath}/challenge`, body), 'token')
}
