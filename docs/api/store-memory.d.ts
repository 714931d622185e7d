declare function memoryStore(options?: MemoryStoreOptions): MemoryStores;
export { memoryStore, type MemoryStoreOptions, type MemoryStores };
import { Clock, Stores } from '@bff/core';
interface MemoryStoreOptions {
    readonly maxSessions?: number;
    readonly maxEntries?: number;
    readonly clock?: Clock;
}
interface MemoryStores extends Stores {
    count(): number;
}
