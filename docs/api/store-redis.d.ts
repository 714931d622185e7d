declare function redisStore(options: RedisStoreOptions): RedisStores;
export { redisStore, type DurableOptions, type RedisNode, type RedisStoreOptions, type RedisStores };
import { Cluster, Redis } from 'ioredis';
import { ConnectionOptions } from 'node:tls';
import { Stores } from '@bff/core';
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
type RedisStores = Stores;
