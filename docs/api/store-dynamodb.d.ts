declare class DynamodbError extends Error {
    readonly name = "DynamodbError";
    readonly code: string;
    constructor(code: string);
}
declare function dynamodbStore(options?: DynamodbStoreOptions): DynamodbStores;
declare function tableDefinition(table?: string): CreateTableCommandInput;
export { DynamodbError, dynamodbStore, tableDefinition, type DynamodbStoreOptions, type DynamodbStores };
import { Clock, Stores } from '@bff/core';
import { CreateTableCommandInput, DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
interface DynamodbStoreOptions {
    readonly client?: DynamoDBClient;
    readonly region?: string;
    readonly endpoint?: string;
    readonly credentials?: NonNullable<DynamoDBClientConfig['credentials']>;
    readonly table?: string;
    readonly retainRevokedMs?: number;
    readonly operationTimeoutMs?: number;
    readonly clock?: Clock;
}
interface DynamodbStores extends Stores {
    check(): Promise<void>;
}
