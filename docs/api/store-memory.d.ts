declare function memoryStore(options?: MemoryStoreOptions): MemoryStores;
export { type MemoryStoreOptions, type MemoryStores, memoryStore };
import { Clock, Stores } from '@bff/core';
interface MemoryStoreOptions {
    readonly maxSessions?: number;
    readonly maxEntries?: number;
    readonly clock?: Clock;
}
interface MemoryStores extends Stores {
    count(): number;
}
