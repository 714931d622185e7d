// angular.d.ts
declare function injectBffClient(): BffClient;
declare function injectSession(): Signal<SessionState>;
declare function provideBffClient(client: BffClient): EnvironmentProviders;
export { BffClient, SessionState, injectBffClient, injectSession, provideBffClient };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, SessionState } from './bff-client.js';
import { EnvironmentProviders, Signal } from '@angular/core';

// bff-client.d.ts
declare function claimValues(session: SessionState, type: string): readonly unknown[];
export { claimValues, type BffClient, type BffClientOptions, type CheckedState, type Claim, type ReturnOptions, type SessionEvent, type SessionState, type SignedInState, type SignedOutReason, type SignedOutState, type StepUpOptions, type UnknownState };
interface BffClient {
    readonly session: SessionState;
    readonly initialSession: SessionState;
    subscribe(listener: (event: SessionEvent) => void): () => void;
    refetch(): Promise<SessionState>;
    keepAlive(): Promise<SessionState>;
    signIn(options?: ReturnOptions & StepUpOptions): void;
    signInWithPopup(options?: StepUpOptions): Promise<SessionState>;
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
    readonly stepUp?: 'popup' | 'none';
    readonly initialSession?: SessionState;
    readonly embedded?: boolean;
    readonly fetch?: typeof fetch;
}
interface CheckedState {
    readonly error: string | null;
}
interface Claim {
    readonly type: string;
    readonly value: unknown;
    readonly valueType: string;
}
interface ReturnOptions {
    readonly returnTo?: string;
}
interface SignedInState extends CheckedState {
    readonly status: 'signed-in';
    readonly userId: string;
    readonly organizationId: string | null;
    readonly claims: readonly Claim[];
    readonly expiresAt: number;
    readonly expiring: boolean;
    readonly accessTokenExpiresAt: number | null;
}
interface SignedOutState extends CheckedState {
    readonly status: 'signed-out';
    readonly reason: SignedOutReason | null;
}
interface StepUpOptions {
    readonly acrValues?: string;
    readonly maxAge?: number;
}
interface UnknownState extends CheckedState {
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
type SignedOutReason = 'no_session' | 'session_expired' | 'invalid_session' | 'refresh_rejected' | 'device_unproven' | 'device_required' | 'signed_out' | 'signed_out_elsewhere';

// index.d.ts
declare class BffRequestError extends Error {
    readonly name = "BffRequestError";
    readonly code: string;
    readonly retryAfter: number | null;
    constructor(code: string, message?: string, retryAfter?: number | null);
}
declare const createBffClient: (options?: BffClientOptions) => BffClient;
export { BffClient, BffClientOptions, BffRequestError, createBffClient };
export { CheckedState, Claim, ReturnOptions, SessionEvent, SessionState, SignedInState, SignedOutReason, SignedOutState, StepUpOptions, UnknownState, claimValues } from './bff-client.js';
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

// solid.d.ts
declare function BffProvider(props: BffProviderProps): JSX.Element;
declare function useBffClient(): BffClient;
declare function useSession(): Accessor<SessionState>;
export { BffClient, BffProvider, SessionState, type BffProviderProps, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { Accessor, JSX } from 'solid-js';
import { BffClient, SessionState } from './bff-client.js';
interface BffProviderProps {
    readonly client: BffClient;
    readonly children?: JSX.Element;
}

// svelte.d.ts
declare function provideBffClient(client: BffClient): void;
declare function useBffClient(): BffClient;
declare function useSession(): CurrentSession;
export { BffClient, SessionState, provideBffClient, type CurrentSession, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, SessionState } from './bff-client.js';
interface CurrentSession {
    readonly current: SessionState;
}

// vue.d.ts
declare const bffPlugin: Plugin<[
    BffPluginOptions
]>;
declare function useBffClient(): BffClient;
declare function useSession(): Readonly<ShallowRef<SessionState>>;
export { BffClient, SessionState, bffPlugin, type BffPluginOptions, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, SessionState } from './bff-client.js';
import { Plugin, ShallowRef } from 'vue';
interface BffPluginOptions {
    readonly client: BffClient;
}
