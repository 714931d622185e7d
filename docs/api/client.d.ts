// angular.d.ts
declare function injectBffClient<App = unknown>(): BffClient<PublicMetadata<App>>;
declare function injectSession<App = unknown>(): Signal<SessionState<PublicMetadata<App>>>;
declare function provideBffClient(client: BffClient): EnvironmentProviders;
export { BffClient, SessionState, injectBffClient, injectSession, provideBffClient };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, PublicMetadata, SessionState } from './bff-client.js';
import { EnvironmentProviders, Signal } from '@angular/core';

// bff-client.d.ts
declare function claimValues(session: SessionState, type: string): readonly unknown[];
export { claimValues, type AnyMetadata, type BffClient, type BffClientOptions, type CheckedState, type Claim, type PublicMetadata, type ReturnOptions, type SessionEvent, type SessionState, type SignedInState, type SignedOutReason, type SignedOutState, type StepUpOptions, type UnknownState };
interface BffClient<Metadata = AnyMetadata> {
    readonly session: SessionState<Metadata>;
    readonly initialSession: SessionState<Metadata>;
    subscribe(listener: (event: SessionEvent<Metadata>) => void): () => void;
    refetch(): Promise<SessionState<Metadata>>;
    keepAlive(): Promise<SessionState<Metadata>>;
    signIn(options?: ReturnOptions & StepUpOptions): void;
    signInWithPopup(options?: StepUpOptions): Promise<SessionState<Metadata>>;
    signOut(options?: ReturnOptions): Promise<void>;
    readonly fetch: typeof fetch;
    close(): void;
}
interface BffClientOptions<Metadata = AnyMetadata> {
    readonly basePath?: string;
    readonly csrf?: {
        readonly headerName?: string;
        readonly headerValue?: string;
    };
    readonly claims?: boolean;
    readonly pollMs?: number;
    readonly warnBeforeMs?: number;
    readonly stepUp?: 'popup' | 'none';
    readonly initialSession?: SessionState<Metadata>;
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
interface SignedInState<Metadata = AnyMetadata> extends CheckedState {
    readonly status: 'signed-in';
    readonly userId: string;
    readonly organizationId: string | null;
    readonly claims: readonly Claim[];
    readonly metadata: Metadata;
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
type AnyMetadata = Readonly<Record<string, unknown>>;
type PublicMetadata<App> = App extends (...options: never) => infer Made ? PublicMetadata<Awaited<Made>> : App extends {
    getSession(...request: never): Promise<{
        readonly metadata: infer Metadata;
    } | null>;
    readonly options: {
        readonly session: {
            readonly publicMetadata: readonly (infer PublicKey)[];
        };
    };
} ? Readonly<Pick<Metadata, PublicKey & keyof Metadata>> : AnyMetadata;
type SessionEvent<Metadata = AnyMetadata> = {
    readonly type: 'signed-in';
    readonly session: SignedInState<Metadata>;
} | {
    readonly type: 'signed-out';
    readonly session: SignedOutState;
} | {
    readonly type: 'expiring';
    readonly session: SignedInState<Metadata>;
} | {
    readonly type: 'changed';
    readonly session: SessionState<Metadata>;
};
type SessionState<Metadata = AnyMetadata> = UnknownState | SignedOutState | SignedInState<Metadata>;
type SignedOutReason = 'no_session' | 'session_expired' | 'invalid_session' | 'refresh_rejected' | 'device_unproven' | 'device_required' | 'signed_out' | 'signed_out_elsewhere';

// index.d.ts
declare class BffRequestError extends Error {
    readonly name = "BffRequestError";
    readonly code: string;
    readonly retryAfter: number | null;
    constructor(code: string, message?: string, retryAfter?: number | null);
}
declare const createBffClient: <App = unknown>(options?: BffClientOptions<PublicMetadata<App>>) => BffClient<PublicMetadata<App>>;
export { AnyMetadata, CheckedState, Claim, ReturnOptions, SessionEvent, SessionState, SignedInState, SignedOutReason, SignedOutState, StepUpOptions, UnknownState, claimValues } from './bff-client.js';
export { BffClient, BffClientOptions, BffRequestError, PublicMetadata, createBffClient };
import { BffClient, BffClientOptions, PublicMetadata } from './bff-client.js';

// react.d.ts
declare function BffProvider({ client, children }: BffProviderProps): ReactElement;
declare function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>>;
declare function useSession<App = unknown>(): SessionState<PublicMetadata<App>>;
export { BffClient, BffProvider, SessionState, type BffProviderProps, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, PublicMetadata, SessionState } from './bff-client.js';
import { ReactElement, ReactNode } from 'react';
interface BffProviderProps {
    readonly client: BffClient;
    readonly children?: ReactNode;
}

// solid.d.ts
declare function BffProvider(props: BffProviderProps): JSX.Element;
declare function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>>;
declare function useSession<App = unknown>(): Accessor<SessionState<PublicMetadata<App>>>;
export { BffClient, BffProvider, SessionState, type BffProviderProps, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { Accessor, JSX } from 'solid-js';
import { BffClient, PublicMetadata, SessionState } from './bff-client.js';
interface BffProviderProps {
    readonly client: BffClient;
    readonly children?: JSX.Element;
}

// svelte.d.ts
declare function provideBffClient(client: BffClient): void;
declare function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>>;
declare function useSession<App = unknown>(): CurrentSession<PublicMetadata<App>>;
export { BffClient, SessionState, provideBffClient, type CurrentSession, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { AnyMetadata, BffClient, PublicMetadata, SessionState } from './bff-client.js';
interface CurrentSession<Metadata = AnyMetadata> {
    readonly current: SessionState<Metadata>;
}

// vue.d.ts
declare const bffPlugin: Plugin<[
    BffPluginOptions
]>;
declare function useBffClient<App = unknown>(): BffClient<PublicMetadata<App>>;
declare function useSession<App = unknown>(): Readonly<ShallowRef<SessionState<PublicMetadata<App>>>>;
export { BffClient, SessionState, bffPlugin, type BffPluginOptions, useBffClient, useSession };
export { Claim, SignedInState, SignedOutState, UnknownState } from './bff-client.js';
import { BffClient, PublicMetadata, SessionState } from './bff-client.js';
import { Plugin, ShallowRef } from 'vue';
interface BffPluginOptions {
    readonly client: BffClient;
}
