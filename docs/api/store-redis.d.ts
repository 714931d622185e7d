// assemble.d.ts
export type { RedisStores };
import { Stores } from '@bff/core';
type RedisStores = Stores;

// index.d.ts
declare function redisStore(options: RedisStoreOptions): RedisStores;
export { DurableOptions, RedisNode, SharedRedisOptions } from './options.js';
export { RedisStores, SharedStoreOptions, redisStore, type RedisStoreOptions };
import '@bff/core';
import 'node:tls';
import { Cluster, Redis } from 'ioredis';
import { RedisStores } from './assemble.js';
import { SharedStoreOptions } from './options.js';
interface RedisStoreOptions extends SharedStoreOptions {
    readonly client?: Redis | Cluster;
}

// node-redis.d.ts
declare function redisRateLimiter(options: NodeRedisRateLimiterOptions): RateLimiter;
declare function redisStore(options: NodeRedisStoreOptions): RedisStores;
export { DurableOptions, RedisNode } from './options.js';
export { RedisStores, SharedRedisOptions, SharedStoreOptions, redisRateLimiter, redisStore, type NodeRedisClient, type NodeRedisRateLimiterOptions, type NodeRedisStoreOptions };
import '@bff/core';
import 'node:tls';
import { RateLimiter } from '@bff/core/rate-limit';
import { RedisStores } from './assemble.js';
import { SharedRedisOptions, SharedStoreOptions } from './options.js';
interface NodeRedisClient {
    duplicate(): unknown;
}
interface NodeRedisRateLimiterOptions extends SharedRedisOptions {
    readonly client?: NodeRedisClient;
}
interface NodeRedisStoreOptions extends SharedStoreOptions {
    readonly client?: NodeRedisClient;
}

// options.d.ts
export type { DurableOptions, RedisNode, SharedRedisOptions, SharedStoreOptions };
import { ConnectionOptions } from 'node:tls';
interface DurableOptions {
    readonly replicas: number;
    readonly timeoutMs?: number;
}
interface RedisNode {
    readonly host: string;
    readonly port: number;
}
interface SharedRedisOptions {
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
}
interface SharedStoreOptions extends SharedRedisOptions {
    readonly retainRevokedMs?: number;
    readonly durable?: DurableOptions;
}

// rate-limit.d.ts
declare function redisRateLimiter(options: RedisRateLimiterOptions): RateLimiter;
export { redisRateLimiter, type RedisRateLimiterOptions };
import 'node:tls';
import { Cluster, Redis } from 'ioredis';
import { RateLimiter } from '@bff/core/rate-limit';
import { SharedRedisOptions } from './options.js';
interface RedisRateLimiterOptions extends SharedRedisOptions {
    readonly client?: Redis | Cluster;
}
