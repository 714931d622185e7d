// assemble.d.ts
declare class DatabaseError extends Error {
    readonly name = "DatabaseError";
    readonly code: string;
    readonly severity: string | null;
    constructor({ code, severity, address }: DriverError);
}
export { DatabaseError, type DriverError, type PoolOptions, type PortOptions, type SqlStores, type StoreOptions, type TableName };
import { Clock, Stores } from '@bff/core';
interface DriverError {
    readonly code: string;
    readonly severity: string | null;
    readonly address?: string | null;
}
interface PoolOptions<Client> extends StoreOptions {
    readonly client?: Client;
    readonly url?: string;
    readonly poolSize?: number;
}
interface PortOptions<Client> extends StoreOptions {
    readonly client: Client;
}
interface SqlStores extends Stores {
    check(): Promise<void>;
}
interface StoreOptions {
    readonly operationTimeoutMs?: number;
    readonly maxPending?: number;
    readonly clock?: Clock;
    readonly tables?: {
        readonly sessions?: TableName;
        readonly ttl?: TableName;
    };
    readonly remedy?: string;
}
interface TableName {
    readonly name: string;
    readonly schema?: string;
    readonly columns?: Readonly<Record<string, string>>;
}

// better-sqlite3.d.ts
declare function sqliteStore(options: FileOptions<Database>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { FileOptions, SqlStores, sqliteStore };
import '@bff/core';
import { Database } from 'better-sqlite3';
import { FileOptions } from './file.js';
import { SqlStores } from './assemble.js';

// d1.d.ts
declare function sqliteStore(options: PortOptions<D1Client>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { PortOptions, SqlStores, sqliteStore, type D1Client, type D1Statement };
import '@bff/core';
import { PortOptions, SqlStores } from './assemble.js';
import { SqlValue } from './port.js';
interface D1Client {
    prepare(text: string): D1Statement;
    batch(statements: never[]): Promise<{
        readonly results: unknown[];
    }[]>;
}
interface D1Statement {
    bind(...values: SqlValue[]): D1Statement;
    raw(): Promise<unknown[][]>;
}

// durable-objects.d.ts
declare function durableObjectStore(options: DurableObjectStoreOptions): SqlStores;
declare function sessionsObject<State extends SessionsObjectState, Env, Instance extends object>(base: abstract new (state: State, env: Env) => Instance, options?: SessionsObjectOptions): new (state: State, env: Env) => Instance & SessionsObject;
export { DatabaseError } from './assemble.js';
export { Row, SqlStatement, SqlStores, SqlValue, StoreOptions, durableObjectStore, sessionsObject, type DurableObjectStoreOptions, type SessionsNamespace, type SessionsObject, type SessionsObjectOptions, type SessionsObjectState, type SessionsObjectStorage, type SessionsStub, type StoredValue };
import '@bff/core';
import { Row, SqlStatement, SqlValue } from './port.js';
import { SqlStores, StoreOptions } from './assemble.js';
interface DurableObjectStoreOptions extends Pick<StoreOptions, 'operationTimeoutMs' | 'maxPending' | 'clock'> {
    readonly namespace: SessionsNamespace;
    readonly name?: string;
}
interface SessionsNamespace {
    idFromName(name: string): unknown;
    get(id: never): SessionsStub;
}
interface SessionsObject {
    query(text: string, values: readonly SqlValue[]): StoredValue[][];
    batch(statements: readonly SqlStatement[]): StoredValue[][][];
    alarm(): Promise<void>;
}
interface SessionsObjectOptions {
    readonly retainRevokedMs?: number;
}
interface SessionsObjectState {
    readonly storage: SessionsObjectStorage;
}
interface SessionsObjectStorage {
    readonly sql: {
        exec(text: string, ...values: SqlValue[]): {
            raw(): Iterable<StoredValue[]>;
        };
    };
    transactionSync<T>(work: () => T): T;
    getAlarm(): Promise<number | null>;
    setAlarm(at: number): Promise<void>;
}
interface SessionsStub {
    query(text: string, values: readonly SqlValue[]): PromiseLike<readonly Row[]>;
    batch(statements: readonly SqlStatement[]): PromiseLike<readonly (readonly Row[])[]>;
}
type StoredValue = ArrayBuffer | string | number | null;

// file.d.ts
export type { FileOptions };
import { StoreOptions } from './assemble.js';
interface FileOptions<Client> extends StoreOptions {
    readonly client?: Client;
    readonly path?: string;
    readonly synchronous?: 'full' | 'normal';
}

// index.d.ts
declare function hearPoolErrors(pool: Pick<EventEmitter, 'on' | 'off'>): void;
declare function mysqlStore(options: PortOptions<MysqlClient>): SqlStores;
declare function postgresStore(options: PostgresPortOptions): SqlStores;
declare function sqliteStore(options: PortOptions<SqlClient>): SqlStores;
export { Answer, MysqlQuery, MysqlResult, Row, SqlStatement, SqlValue } from './port.js';
export { DatabaseError, DriverError, StoreOptions, TableName } from './assemble.js';
export { MysqlClient, PortOptions, SqlClient, SqlStores, hearPoolErrors, mysqlStore, postgresStore, sqliteStore, type PostgresListener, type PostgresPortOptions };
import '@bff/core';
import { EventEmitter } from 'node:events';
import { MysqlClient, SqlClient } from './port.js';
import { PortOptions, SqlStores } from './assemble.js';
interface PostgresListener {
    listen(channel: string, onNotify: (payload: string) => void): Promise<{
        unlisten(): Promise<void>;
    }>;
    unsafe(statement: string, parameters: string[]): PromiseLike<unknown>;
}
interface PostgresPortOptions extends PortOptions<SqlClient> {
    readonly listener?: PostgresListener;
    readonly channel?: string;
}

// libsql.d.ts
declare function sqliteStore(options: FileOptions<LibsqlClient>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { FileOptions, SqlStores, sqliteStore, type LibsqlClient };
import '@bff/core';
import { Client } from '@libsql/client';
import { FileOptions } from './file.js';
import { SqlStores } from './assemble.js';
type LibsqlClient = Pick<Client, 'execute' | 'batch' | 'protocol'>;

// mysql2.d.ts
declare function mysqlStore(options: PoolOptions<Pool>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { PoolOptions, SqlStores, mysqlStore };
import '@bff/core';
import { Pool } from 'mysql2/promise';
import { PoolOptions, SqlStores } from './assemble.js';

// node-sqlite.d.ts
declare function sqliteStore(options: FileOptions<NodeSqliteDatabase>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { FileOptions, SqlStores, sqliteStore, type NodeSqliteDatabase };
import '@bff/core';
import { FileOptions } from './file.js';
import { SqlStatement } from './port.js';
import { SqlStores } from './assemble.js';
interface NodeSqliteDatabase {
    prepare(text: string): {
        all(...values: SqlStatement['values'][number][]): unknown[];
    };
    exec(text: string): void;
    close(): void;
}

// pg.d.ts
declare function postgresStore(options: PoolOptions<pg.Pool>): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { PoolOptions, SqlStores, postgresStore };
import '@bff/core';
import pg from 'pg';
import { PoolOptions, SqlStores } from './assemble.js';

// port.d.ts
export type { Answer, MysqlClient, MysqlQuery, MysqlResult, Row, SqlClient, SqlStatement, SqlValue };
interface MysqlClient {
    readonly query: MysqlQuery;
    transaction<T>(work: (query: MysqlQuery) => Promise<T>, isolation?: 'read committed'): Promise<T>;
}
interface MysqlResult {
    readonly rows: readonly Row[];
    readonly affectedRows: number;
}
interface SqlClient {
    query(text: string, values: readonly SqlValue[], isRepeated?: boolean): Answer<readonly Row[]>;
    batch(statements: readonly SqlStatement[]): Answer<readonly (readonly Row[])[]>;
}
interface SqlStatement {
    readonly text: string;
    readonly values: readonly SqlValue[];
}
type Answer<T> = T | Promise<T>;
type MysqlQuery = (text: string, values: readonly SqlValue[]) => Promise<MysqlResult>;
type Row = readonly unknown[];
type SqlValue = string | number | Uint8Array | null;

// postgres.d.ts
declare function postgresStore(options: PostgresJsOptions): SqlStores;
export { DatabaseError, StoreOptions } from './assemble.js';
export { PoolOptions, SqlStores, postgresStore, type PostgresJsClient, type PostgresJsOptions };
import '@bff/core';
import { PoolOptions, SqlStores } from './assemble.js';
import { Sql } from 'postgres';
interface PostgresJsOptions extends PoolOptions<PostgresJsClient> {
    readonly channel?: string;
}
type PostgresJsClient = Pick<Sql, 'unsafe' | 'typed' | 'begin' | 'listen'>;
