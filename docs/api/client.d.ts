// bff-client.d.ts
declare function claimValues(session: SessionState, type: string): readonly unknown[];
export { claimValues, type BffClient, type BffClientOptions, type Claim, type ReturnOptions, type SessionEvent, type SessionState, type SignedInState, type SignedOutReason, type SignedOutState, type UnknownState };
interface Asked {
    readonly error: string | null;
}
interface BffClient {
    readonly session: SessionState;
    subscribe(listener: (event: SessionEvent) => void): () => void;
    refetch(): Promise<SessionState>;
    keepAlive(): Promise<SessionState>;
    signIn(options?: ReturnOptions): void;
    signOut(options?: ReturnOptions): Promise<void>;
    readonly fetch: typeof fetch;
    close(): void;
}
interface BffClientOptions {
    readonly basePath?: string;
    readonly csrf?: {
        readonly headerName?: string;
        readonly headerValue?: string;
    };
    readonly claims?: boolean;
    readonly pollMs?: number;
    readonly warnBeforeMs?: number;
    readonly fetch?: typeof fetch;
}
interface Claim {
    readonly type: string;
    readonly value: unknown;
    readonly valueType: string;
}
interface ReturnOptions {
    readonly returnTo?: string;
}
interface SignedInState extends Asked {
    readonly status: 'signed-in';
    readonly userId: string;
    readonly organizationId: string | null;
    readonly claims: readonly Claim[];
    readonly expiresAt: number;
    readonly expiring: boolean;
    readonly accessTokenExpiresAt: number | null;
}
interface SignedOutState extends Asked {
    readonly status: 'signed-out';
    readonly reason: SignedOutReason | null;
}
interface UnknownState extends Asked {
    readonly status: 'unknown';
}
type SessionEvent = {
    readonly type: 'signed-in';
    readonly session: SignedInState;
} | {
    readonly type: 'signed-out';
    readonly session: SignedOutState;
} | {
    readonly type: 'expiring';
    readonly session: SignedInState;
} | {
    readonly type: 'changed';
    readonly session: SessionState;
};
type SessionState = UnknownState | SignedOutState | SignedInState;
type SignedOutReason = 'no_session' | 'session_expired' | 'invalid_session' | 'refresh_rejected' | 'signed_out' | 'signed_out_elsewhere';

// index.d.ts
declare class BffRequestError extends Error {
    readonly name = "BffRequestError";
    readonly code: string;
    readonly retryAfter: number | null;
    constructor(code: string, message?: string, retryAfter?: number | null);
}
declare const createBffClient: (options?: BffClientOptions) => BffClient;
export { BffClient, BffClientOptions, BffRequestError, createBffClient };
export { Claim, ReturnOptions, SessionEvent, SessionState, SignedInState, SignedOutReason, SignedOutState, UnknownState, claimValues } from './bff-client.js';
import { BffClient, BffClientOptions } from './bff-client.js';

// react.d.ts
declare function BffProvider({ client, children }: BffProviderProps): ReactElement;
declare function useBffClient(): BffClient;
declare function useSession(): SessionState;
export { BffClient, BffProvider, SessionState, type BffProviderProps, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, SessionState } from './bff-client.js';
import { ReactElement, ReactNode } from 'react';
interface BffProviderProps {
    readonly client: BffClient;
    readonly children?: ReactNode;
}
