// client.d.ts
declare class WalletClientError extends Error {
    readonly name = "WalletClientError";
    readonly status: number;
    readonly code: string;
    readonly retryAfter: number | null;
    constructor(status: number, code: string, retryAfter?: number | null, options?: ErrorOptions);
}
declare function challengeMessage(challenge: string): string;
declare function signIn<SignedIn>(ethereum: EthereumProvider, authenticator: Authenticator<SignedIn>, options?: {
    readonly chainId?: number;
}): Promise<SignedIn>;
declare function walletClient(options: ClientOptions): WalletClient;
declare function walletPage(options?: WalletPageOptions): WalletPage;
export { WalletClientError, challengeMessage, signIn, type Authenticator, type ChallengeRequest, type ClientOptions, type EthereumProvider, type TokenPair, type WalletClient, type WalletPage, type WalletPageOptions, walletClient, walletPage };
interface Authenticator<SignedIn> {
    challenge(request?: ChallengeRequest): Promise<string>;
    login(challenge: string, signature: string, address: string): Promise<SignedIn>;
}
interface ChallengeRequest {
    readonly address?: string;
    readonly chainId?: number;
}
interface ClientOptions {
    readonly url?: string;
    readonly authPath?: string;
    readonly fetch?: typeof fetch;
}
interface EthereumProvider {
    request(call: {
        readonly method: string;
        readonly params?: readonly unknown[];
    }): Promise<unknown>;
}
interface TokenPair {
    readonly accessToken: string;
    readonly refreshToken: string;
}
interface WalletClient extends Authenticator<TokenPair> {
    refresh(refreshToken: string): Promise<TokenPair>;
    logout(refreshToken: string, accessToken: string): Promise<void>;
}
interface WalletPage extends Authenticator<{
    readonly address: string;
}> {
    refresh(): Promise<void>;
    logout(): Promise<void>;
}
interface WalletPageOptions extends ClientOptions {
    readonly basePath?: string;
}

// index.d.ts
declare function wallet(options?: WalletOptions): Wallet;
declare module '@bff/core' {
    interface BffEventMap {
        'wallet.challenged': object;
        'wallet.signed_in': {
            readonly userId: string;
            readonly wallet: 'key' | 'contract';
        };
        'wallet.refused': {
            readonly reason: string;
        };
        'wallet.family_revoked': {
            readonly userId: string;
            readonly reason: 'reuse' | 'wallet_refused';
            readonly severity: 'warning';
        };
    }
    interface LogoutEventMap {
        wallet: {
            readonly user_address: string;
            readonly token_id: string;
        };
    }
}
export { type ContractWalletOptions, type SigningKey, type Wallet, type WalletOptions, type WalletPaths, wallet };
import { IdentityProvider, PluginFactory } from '@bff/core';
import { JWK } from 'jose';
interface ContractWalletOptions {
    readonly rpcUrl: string;
    readonly chainId?: number;
    readonly timeoutMs?: number;
    readonly fetch?: typeof fetch;
}
interface Wallet extends PluginFactory {
    provider(next?: IdentityProvider): IdentityProvider;
}
interface WalletOptions {
    readonly keys?: readonly SigningKey[];
    readonly tokens?: 'cookie' | 'client';
    readonly issuer?: string;
    readonly chainIds?: readonly number[];
    readonly statement?: string;
    readonly uri?: string;
    readonly typedData?: {
        readonly name: string;
        readonly version: string;
        readonly verifyingContract: string;
    };
    readonly dangerouslyAcceptNonceSignatures?: boolean;
    readonly contractWallets?: ContractWalletOptions;
    readonly challengeLifeMs?: number;
    readonly accessTokenLifeMs?: number;
    readonly refreshTokenLifeMs?: number;
    readonly familyLifeMs?: number;
    readonly reuseGraceMs?: number;
    readonly checkCacheMs?: number;
    readonly clockToleranceMs?: number;
    readonly paths?: WalletPaths;
}
interface WalletPaths {
    readonly auth?: string;
    readonly api?: string;
    readonly jwks?: string;
}
type SigningKey = string | JWK;
