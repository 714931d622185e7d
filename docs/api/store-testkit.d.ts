// fixtures.d.ts
declare const DAY: number;
declare const HOSTILE: readonly string[];
declare const HOSTILE_HANDLES: SessionHandle[];
declare const HOUR: number;
declare const MINUTE = 60000;
declare const SIMILAR: ReadonlyArray<readonly [
    string,
    string
]>;
declare function bytes(length: number, seed?: number): Uint8Array;
declare function fillPseudonymously(stores: Stores): Promise<{
    hidden: string[];
    shown: string[];
}>;
declare function fullSession(now: number, over?: Partial<SessionRecord>): SessionRecord;
declare function handle(name: string | number): SessionHandle;
declare function plain(value: unknown): unknown;
declare function pseudonymous(harness: StoreHarness): StoreHarness;
declare function refuses(code: BffErrorCode, call: () => Promise<unknown>, name?: string): Promise<Error>;
declare function revocation(at: number, over?: Partial<Revocation>): Revocation;
declare function same(actual: unknown, expected: unknown, message?: string): void;
declare function samples<Field extends SessionField>(fields: readonly Field[], now: number, seed?: number): {
    readonly [Name in Field]: NonNullable<SessionRecord[Name]>;
};
declare function session(now: number, over?: Partial<SessionRecord>): SessionRecord;
export { DAY, HOSTILE, HOSTILE_HANDLES, HOUR, MINUTE, SIMILAR, bytes, fillPseudonymously, fullSession, handle, plain, pseudonymous, refuses, revocation, same, samples, session };
import { BffErrorCode, Revocation, SessionHandle, SessionRecord, Stores } from '@bff/core';
import { SessionField } from '@bff/core/store';
import { StoreHarness } from './harness.js';

// harness.d.ts
export type { LawsOptions, OpenStores, StoreHarness };
import { SessionHandle, SessionRecord, Stores } from '@bff/core';
interface LawsOptions<Harness = StoreHarness> {
    readonly test: (name: string, run: () => Promise<void>) => unknown;
    readonly harness: Harness;
    readonly seed?: number;
}
interface OpenStores {
    readonly stores: Stores;
    readonly another?: Stores;
    now(): number;
    advance(ms: number): Promise<void>;
    peek(handle: SessionHandle): Promise<SessionRecord | null>;
    breakConnection?(): Promise<void>;
    close(): Promise<void>;
}
interface StoreHarness {
    open(): Promise<OpenStores>;
}

// index.d.ts
declare function eventBusLaws(options: LawsOptions): void;
declare function faultProxy(target: {
    readonly host: string;
    readonly port: number;
}, { serverGivesUpMs }?: FaultProxyOptions): Promise<FaultProxy>;
declare function refusedWriteLaws(options: LawsOptions<RefusedWriteHarness>): void;
declare function sessionStoreLaws(options: LawsOptions): void;
declare function storeFaultLaws({ harness, ...options }: LawsOptions<FaultHarness>): void;
declare function storeLaws(options: LawsOptions): void;
declare function ttlStoreLaws(options: LawsOptions): void;
export { LawsOptions, OpenStores, eventBusLaws, faultProxy, refusedWriteLaws, sessionStoreLaws, storeFaultLaws, storeLaws, ttlStoreLaws, type FaultCounts, type FaultHarness, type FaultProxy, type FaultProxyOptions, type FaultyConnection, type FaultyServer, type FaultyStores, type RefusedWriteHarness, type RefusingStores };
export { StoreHarness } from './harness.js';
import '@bff/core';
import { LawsOptions, OpenStores } from './harness.js';
interface FaultCounts {
    connections: number;
    cut: number;
    dropped: number;
    delayed: number;
    halfClosed: number;
}
interface FaultHarness {
    open(): Promise<FaultyStores>;
}
interface FaultProxy extends FaultyConnection {
    readonly host: string;
    readonly port: number;
    readonly counts: Readonly<FaultCounts>;
    delay(ms: number): Promise<void>;
    drip(msPerByte: number): Promise<void>;
    blackhole(): Promise<void>;
    dropSilently(): Promise<void>;
    halfClose(): Promise<void>;
    reset(): Promise<void>;
    cutWhen(choose: (answer: Buffer) => boolean): Promise<void>;
    delayWhen(choose: (request: Buffer) => boolean, ms: number): Promise<void>;
    close(): Promise<void>;
}
interface FaultProxyOptions {
    readonly serverGivesUpMs?: number;
}
interface FaultyConnection {
    cut(): Promise<void>;
    loseAnswers(): Promise<void>;
    blink(): Promise<void>;
    pause(): Promise<void>;
    dropSilently(): Promise<void>;
    restore(): Promise<void>;
}
interface FaultyServer {
    kill(): Promise<void>;
    start(): Promise<void>;
}
interface FaultyStores extends OpenStores {
    readonly connection: FaultyConnection;
    readonly server: FaultyServer;
}
interface RefusedWriteHarness {
    open(): Promise<RefusingStores>;
}
interface RefusingStores extends OpenStores {
    refuseWrites(): Promise<void>;
    acceptWrites(): Promise<void>;
}

// races.d.ts
declare function forkRacer(file: string, args: readonly string[]): ChildProcess;
declare function raceLogout(sessions: SessionStore, racer: ChildProcess, { now, times }: {
    readonly now: number;
    readonly times: number;
}): Promise<void>;
declare function serveRaces(sessions: SessionStore): void;
export { forkRacer, raceLogout, serveRaces };
import { ChildProcess } from 'node:child_process';
import { SessionStore } from '@bff/core';
