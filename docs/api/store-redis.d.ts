// index.d.ts
declare function redisStore(options: RedisStoreOptions): RedisStores;
export { DurableOptions, RedisNode } from './options.js';
export { RedisStoreOptions, redisStore, type RedisStores };
import 'ioredis';
import 'node:tls';
import { RedisStoreOptions } from './options.js';
import { Stores } from '@bff/core';
type RedisStores = Stores;

// options.d.ts
export type { DurableOptions, RedisNode, RedisStoreOptions };
import { Cluster, Redis } from 'ioredis';
import { ConnectionOptions } from 'node:tls';
interface DurableOptions {
    readonly replicas: number;
    readonly timeoutMs?: number;
}
interface RedisNode {
    readonly host: string;
    readonly port: number;
}
interface RedisStoreOptions {
    readonly client?: Redis | Cluster;
    readonly url?: string;
    readonly sentinels?: readonly RedisNode[];
    readonly name?: string;
    readonly cluster?: readonly RedisNode[];
    readonly username?: string;
    readonly password?: string;
    readonly sentinelPassword?: string;
    readonly db?: number;
    readonly tls?: boolean | ConnectionOptions;
    readonly prefix?: string;
    readonly operationTimeoutMs?: number;
    readonly retainRevokedMs?: number;
    readonly durable?: DurableOptions;
}

// rate-limit.d.ts
declare function redisRateLimiter(options: RedisRateLimiterOptions): RateLimiter;
export { redisRateLimiter, type RedisRateLimiterOptions };
import 'ioredis';
import 'node:tls';
import { RateLimiter } from '@bff/core/rate-limit';
import { RedisStoreOptions } from './options.js';
type RedisRateLimiterOptions = Omit<RedisStoreOptions, 'retainRevokedMs' | 'durable'>;
