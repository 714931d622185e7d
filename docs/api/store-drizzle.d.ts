// assemble.d.ts
export type { DrizzleStores, StoreOptions };
import { SqlStores, StoreOptions } from '@bff/store-sql';
interface StoreOptions extends Pick<StoreOptions$1, 'operationTimeoutMs' | 'maxPending' | 'clock'> {
}
type DrizzleStores = SqlStores;

// mysql.d.ts
declare const bffSessions: drizzle_orm_mysql_core.MySqlTableWithColumns<{
    name: "bff_sessions";
    schema: undefined;
    columns: {
        revokedAt: MySqlColumn<{
            name: "revoked_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        revokeReasonCode: MySqlColumn<{
            name: "revoke_reason_code";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        revokeActorType: MySqlColumn<{
            name: "revoke_actor_type";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        revokeActorId: MySqlColumn<{
            name: "revoke_actor_id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        endsAt: MySqlColumn<{
            name: "ends_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: true;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: {
                type: "always";
            };
        }, {}, {}>;
        version: MySqlColumn<{
            name: "version";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlInt";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        secretHash: MySqlColumn<{
            name: "secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlVarChar";
            data: string;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        previousSecretHash: MySqlColumn<{
            name: "previous_secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlVarChar";
            data: string;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        previousSecretUntil: MySqlColumn<{
            name: "previous_secret_until";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        userId: MySqlColumn<{
            name: "user_id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        organizationId: MySqlColumn<{
            name: "organization_id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        issuer: MySqlColumn<{
            name: "issuer";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        subject: MySqlColumn<{
            name: "subject";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        provider: MySqlColumn<{
            name: "provider";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        providerSessionId: MySqlColumn<{
            name: "provider_session_id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        deviceId: MySqlColumn<{
            name: "device_id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        clientPublicKey: MySqlColumn<{
            name: "client_public_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        deviceKey: MySqlColumn<{
            name: "device_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        accessTokenEncrypted: MySqlColumn<{
            name: "access_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        refreshTokenEncrypted: MySqlColumn<{
            name: "refresh_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        idTokenEncrypted: MySqlColumn<{
            name: "id_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        claimsEncrypted: MySqlColumn<{
            name: "claims_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        dpopKeyPairEncrypted: MySqlColumn<{
            name: "dpop_key_pair_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        dpopThumbprint: MySqlColumn<{
            name: "dpop_thumbprint";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlVarChar";
            data: string;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        accessTokenIssuedAt: MySqlColumn<{
            name: "access_token_issued_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        accessTokenExpiresAt: MySqlColumn<{
            name: "access_token_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        refreshTokenExpiresAt: MySqlColumn<{
            name: "refresh_token_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        metadata: MySqlColumn<{
            name: "metadata";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: Readonly<Record<string, unknown>>;
            driverParam: string | Readonly<Record<string, unknown>>;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        ipAddress: MySqlColumn<{
            name: "ip_address";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "MySqlVarChar";
            data: string;
            driverParam: string | number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        userAgent: MySqlColumn<{
            name: "user_agent";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        createdAt: MySqlColumn<{
            name: "created_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        updatedAt: MySqlColumn<{
            name: "updated_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        lastAccessedAt: MySqlColumn<{
            name: "last_accessed_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        expiresAt: MySqlColumn<{
            name: "expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        absoluteExpiresAt: MySqlColumn<{
            name: "absolute_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        id: MySqlColumn<{
            name: "id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
    };
    dialect: "mysql";
}>;
declare const bffTtl: drizzle_orm_mysql_core.MySqlTableWithColumns<{
    name: "bff_ttl";
    schema: undefined;
    columns: {
        key: MySqlColumn<{
            name: "key";
            tableName: "bff_ttl";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        value: MySqlColumn<{
            name: "value";
            tableName: "bff_ttl";
            dataType: "custom";
            columnType: "MySqlCustomColumn";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        expiresAt: MySqlColumn<{
            name: "expires_at";
            tableName: "bff_ttl";
            dataType: "number";
            columnType: "MySqlBigInt53";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
    };
    dialect: "mysql";
}>;
declare function mysqlStore(options: MysqlStoreOptions): DrizzleStores;
declare function sessionColumns(): {
    revokedAt: drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"revoked_at">;
    revokeReasonCode: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "revoke_reason_code";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    revokeActorType: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "revoke_actor_type";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    revokeActorId: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "revoke_actor_id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    endsAt: drizzle_orm.HasGenerated<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"ends_at">, {
        type: "always";
    }>;
    version: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlIntBuilderInitial<"version">>;
    secretHash: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlVarCharBuilderInitial<"secret_hash", [
        string,
        ...string[]
    ], 64>>;
    previousSecretHash: drizzle_orm_mysql_core.MySqlVarCharBuilderInitial<"previous_secret_hash", [
        string,
        ...string[]
    ], 64>;
    previousSecretUntil: drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"previous_secret_until">;
    userId: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "user_id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>>;
    organizationId: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "organization_id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    issuer: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "issuer";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    subject: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "subject";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    provider: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "provider";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    providerSessionId: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "provider_session_id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    deviceId: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "device_id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    clientPublicKey: drizzle_orm_mysql_core.MySqlTextBuilderInitial<"client_public_key", [
        string,
        ...string[]
    ]>;
    deviceKey: drizzle_orm_mysql_core.MySqlTextBuilderInitial<"device_key", [
        string,
        ...string[]
    ]>;
    accessTokenEncrypted: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "access_token_encrypted";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    refreshTokenEncrypted: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "refresh_token_encrypted";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    idTokenEncrypted: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "id_token_encrypted";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    claimsEncrypted: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "claims_encrypted";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopKeyPairEncrypted: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "dpop_key_pair_encrypted";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopThumbprint: drizzle_orm_mysql_core.MySqlVarCharBuilderInitial<"dpop_thumbprint", [
        string,
        ...string[]
    ], 64>;
    accessTokenIssuedAt: drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"access_token_issued_at">;
    accessTokenExpiresAt: drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"access_token_expires_at">;
    refreshTokenExpiresAt: drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"refresh_token_expires_at">;
    metadata: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "metadata";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: Readonly<Record<string, unknown>>;
        driverParam: string | Readonly<Record<string, unknown>>;
        enumValues: undefined;
    }>>;
    ipAddress: drizzle_orm_mysql_core.MySqlVarCharBuilderInitial<"ip_address", [
        string,
        ...string[]
    ], 45>;
    userAgent: drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "user_agent";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>;
    createdAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"created_at">>;
    updatedAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"updated_at">>;
    lastAccessedAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"last_accessed_at">>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"expires_at">>;
    absoluteExpiresAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"absolute_expires_at">>;
    id: drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "id";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>>>;
};
declare function sessionIndexes(t: SessionColumns, name?: string): drizzle_orm_mysql_core.IndexBuilder[];
declare function ttlColumns(): {
    key: drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "key";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>>>;
    value: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlCustomColumnBuilder<{
        name: "value";
        dataType: "custom";
        columnType: "MySqlCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_mysql_core.MySqlBigInt53BuilderInitial<"expires_at">>;
};
declare function ttlIndexes(t: TtlColumns, name?: string): drizzle_orm_mysql_core.IndexBuilder[];
export { DatabaseError } from '@bff/store-sql';
export { DrizzleStores, StoreOptions, bffSessions, bffTtl, mysqlStore, sessionColumns, sessionIndexes, ttlColumns, ttlIndexes, type AnyMysqlDb, type MysqlDb, type MysqlStoreOptions, type SessionColumns, type TtlColumns };
import * as drizzle_orm from 'drizzle-orm';
import * as drizzle_orm_mysql_core from 'drizzle-orm/mysql-core';
import { DrizzleStores, StoreOptions } from './assemble.js';
import { MySql2PreparedQueryHKT, MySql2QueryResultHKT } from 'drizzle-orm/mysql2';
import { MySqlColumn, MySqlDatabase, MySqlTable } from 'drizzle-orm/mysql-core';
import { TablesRelationalConfig } from 'drizzle-orm';
interface MysqlStoreOptions extends StoreOptions {
    readonly db?: MysqlDb;
    readonly url?: string;
    readonly poolSize?: number;
    readonly tables?: {
        readonly sessions?: MySqlTable & SessionColumns;
        readonly ttl?: MySqlTable & TtlColumns;
    };
}
type AnyMysqlDb = MySqlDatabase<MySql2QueryResultHKT, MySql2PreparedQueryHKT, Record<string, unknown>, TablesRelationalConfig>;
type MysqlDb = Pick<AnyMysqlDb, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>;
type SessionColumns = {
    readonly [Name in keyof ReturnType<typeof sessionColumns>]: MySqlColumn;
};
type TtlColumns = {
    readonly [Name in keyof ReturnType<typeof ttlColumns>]: MySqlColumn;
};

// postgres.d.ts
declare const bffSessions: drizzle_orm_pg_core.PgTableWithColumns<{
    name: "bff_sessions";
    schema: undefined;
    columns: {
        revokedAt: PgColumn<{
            name: "revoked_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        revokeReasonCode: PgColumn<{
            name: "revoke_reason_code";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        revokeActorType: PgColumn<{
            name: "revoke_actor_type";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        revokeActorId: PgColumn<{
            name: "revoke_actor_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        endsAt: PgColumn<{
            name: "ends_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: true;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: {
                type: "always";
            };
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        version: PgColumn<{
            name: "version";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "PgInteger";
            data: number;
            driverParam: string | number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        secretHash: PgColumn<{
            name: "secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        previousSecretHash: PgColumn<{
            name: "previous_secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        previousSecretUntil: PgColumn<{
            name: "previous_secret_until";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        userId: PgColumn<{
            name: "user_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        organizationId: PgColumn<{
            name: "organization_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        issuer: PgColumn<{
            name: "issuer";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        subject: PgColumn<{
            name: "subject";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        provider: PgColumn<{
            name: "provider";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        providerSessionId: PgColumn<{
            name: "provider_session_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        deviceId: PgColumn<{
            name: "device_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        clientPublicKey: PgColumn<{
            name: "client_public_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        deviceKey: PgColumn<{
            name: "device_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        accessTokenEncrypted: PgColumn<{
            name: "access_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        refreshTokenEncrypted: PgColumn<{
            name: "refresh_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        idTokenEncrypted: PgColumn<{
            name: "id_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        claimsEncrypted: PgColumn<{
            name: "claims_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        dpopKeyPairEncrypted: PgColumn<{
            name: "dpop_key_pair_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        dpopThumbprint: PgColumn<{
            name: "dpop_thumbprint";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        accessTokenIssuedAt: PgColumn<{
            name: "access_token_issued_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        accessTokenExpiresAt: PgColumn<{
            name: "access_token_expires_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        refreshTokenExpiresAt: PgColumn<{
            name: "refresh_token_expires_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        metadata: PgColumn<{
            name: "metadata";
            tableName: "bff_sessions";
            dataType: "json";
            columnType: "PgJsonb";
            data: Readonly<Record<string, unknown>>;
            driverParam: unknown;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            $type: Readonly<Record<string, unknown>>;
        }>;
        ipAddress: PgColumn<{
            name: "ip_address";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 45;
        }>;
        userAgent: PgColumn<{
            name: "user_agent";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 500;
        }>;
        createdAt: PgColumn<{
            name: "created_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        updatedAt: PgColumn<{
            name: "updated_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        lastAccessedAt: PgColumn<{
            name: "last_accessed_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        expiresAt: PgColumn<{
            name: "expires_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        absoluteExpiresAt: PgColumn<{
            name: "absolute_expires_at";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
        id: PgColumn<{
            name: "id";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
    };
    dialect: "pg";
}>;
declare const bffTtl: drizzle_orm_pg_core.PgTableWithColumns<{
    name: "bff_ttl";
    schema: undefined;
    columns: {
        key: PgColumn<{
            name: "key";
            tableName: "bff_ttl";
            dataType: "string";
            columnType: "PgVarchar";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        value: PgColumn<{
            name: "value";
            tableName: "bff_ttl";
            dataType: "string";
            columnType: "PgText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        expiresAt: PgColumn<{
            name: "expires_at";
            tableName: "bff_ttl";
            dataType: "custom";
            columnType: "PgCustomColumn";
            data: number;
            driverParam: string | Date;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            pgColumnBuilderBrand: "PgCustomColumnBuilderBrand";
        }>;
    };
    dialect: "pg";
}>;
declare function postgresStore(options: PostgresStoreOptions): DrizzleStores;
declare function sessionColumns(): {
    revokedAt: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "revoked_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>;
    revokeReasonCode: drizzle_orm_pg_core.PgVarcharBuilderInitial<"revoke_reason_code", [
        string,
        ...string[]
    ], 255>;
    revokeActorType: drizzle_orm_pg_core.PgVarcharBuilderInitial<"revoke_actor_type", [
        string,
        ...string[]
    ], 255>;
    revokeActorId: drizzle_orm_pg_core.PgVarcharBuilderInitial<"revoke_actor_id", [
        string,
        ...string[]
    ], 255>;
    endsAt: drizzle_orm.HasGenerated<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "ends_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>, {
        type: "always";
    }>;
    version: drizzle_orm.NotNull<drizzle_orm_pg_core.PgIntegerBuilderInitial<"version">>;
    secretHash: drizzle_orm.NotNull<drizzle_orm_pg_core.PgVarcharBuilderInitial<"secret_hash", [
        string,
        ...string[]
    ], 64>>;
    previousSecretHash: drizzle_orm_pg_core.PgVarcharBuilderInitial<"previous_secret_hash", [
        string,
        ...string[]
    ], 64>;
    previousSecretUntil: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "previous_secret_until";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>;
    userId: drizzle_orm.NotNull<drizzle_orm_pg_core.PgVarcharBuilderInitial<"user_id", [
        string,
        ...string[]
    ], 255>>;
    organizationId: drizzle_orm_pg_core.PgVarcharBuilderInitial<"organization_id", [
        string,
        ...string[]
    ], 255>;
    issuer: drizzle_orm_pg_core.PgVarcharBuilderInitial<"issuer", [
        string,
        ...string[]
    ], 255>;
    subject: drizzle_orm_pg_core.PgVarcharBuilderInitial<"subject", [
        string,
        ...string[]
    ], 255>;
    provider: drizzle_orm_pg_core.PgVarcharBuilderInitial<"provider", [
        string,
        ...string[]
    ], 255>;
    providerSessionId: drizzle_orm_pg_core.PgVarcharBuilderInitial<"provider_session_id", [
        string,
        ...string[]
    ], 255>;
    deviceId: drizzle_orm_pg_core.PgVarcharBuilderInitial<"device_id", [
        string,
        ...string[]
    ], 255>;
    clientPublicKey: drizzle_orm_pg_core.PgTextBuilderInitial<"client_public_key", [
        string,
        ...string[]
    ]>;
    deviceKey: drizzle_orm_pg_core.PgTextBuilderInitial<"device_key", [
        string,
        ...string[]
    ]>;
    accessTokenEncrypted: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "access_token_encrypted";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    refreshTokenEncrypted: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "refresh_token_encrypted";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    idTokenEncrypted: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "id_token_encrypted";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    claimsEncrypted: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "claims_encrypted";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopKeyPairEncrypted: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "dpop_key_pair_encrypted";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopThumbprint: drizzle_orm_pg_core.PgVarcharBuilderInitial<"dpop_thumbprint", [
        string,
        ...string[]
    ], 64>;
    accessTokenIssuedAt: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "access_token_issued_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>;
    accessTokenExpiresAt: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "access_token_expires_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>;
    refreshTokenExpiresAt: drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "refresh_token_expires_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>;
    metadata: drizzle_orm.NotNull<drizzle_orm.$Type<drizzle_orm_pg_core.PgJsonbBuilderInitial<"metadata">, Readonly<Record<string, unknown>>>>;
    ipAddress: drizzle_orm_pg_core.PgVarcharBuilderInitial<"ip_address", [
        string,
        ...string[]
    ], 45>;
    userAgent: drizzle_orm_pg_core.PgVarcharBuilderInitial<"user_agent", [
        string,
        ...string[]
    ], 500>;
    createdAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "created_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
    updatedAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "updated_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
    lastAccessedAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "last_accessed_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "expires_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
    absoluteExpiresAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "absolute_expires_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
    id: drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "id";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: string;
        driverParam: string;
        enumValues: undefined;
    }>>>;
};
declare function sessionIndexes(t: SessionColumns, name?: string): drizzle_orm_pg_core.IndexBuilder[];
declare function ttlColumns(): {
    key: drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_pg_core.PgVarcharBuilderInitial<"key", [
        string,
        ...string[]
    ], 64>>>;
    value: drizzle_orm.NotNull<drizzle_orm_pg_core.PgTextBuilderInitial<"value", [
        string,
        ...string[]
    ]>>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_pg_core.PgCustomColumnBuilder<{
        name: "expires_at";
        dataType: "custom";
        columnType: "PgCustomColumn";
        data: number;
        driverParam: string | Date;
        enumValues: undefined;
    }>>;
};
declare function ttlIndexes(t: TtlColumns, name?: string): drizzle_orm_pg_core.IndexBuilder[];
export { DatabaseError } from '@bff/store-sql';
export { DrizzleStores, StoreOptions, bffSessions, bffTtl, postgresStore, sessionColumns, sessionIndexes, ttlColumns, ttlIndexes, type PostgresDb, type PostgresStoreOptions, type SessionColumns, type TtlColumns };
import * as drizzle_orm from 'drizzle-orm';
import * as drizzle_orm_pg_core from 'drizzle-orm/pg-core';
import { DrizzleStores, StoreOptions } from './assemble.js';
import { PgColumn, PgDatabase, PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core';
import { TablesRelationalConfig } from 'drizzle-orm';
interface PostgresStoreOptions extends StoreOptions {
    readonly db?: PostgresDb;
    readonly url?: string;
    readonly poolSize?: number;
    readonly tables?: {
        readonly sessions?: PgTable & SessionColumns;
        readonly ttl?: PgTable & TtlColumns;
    };
    readonly channel?: string;
}
type PostgresDb = Pick<PgDatabase<PgQueryResultHKT, Record<string, unknown>, TablesRelationalConfig>, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>;
type SessionColumns = {
    readonly [Name in keyof ReturnType<typeof sessionColumns>]: PgColumn;
};
type TtlColumns = {
    readonly [Name in keyof ReturnType<typeof ttlColumns>]: PgColumn;
};

// sqlite.d.ts
declare const bffSessions: drizzle_orm_sqlite_core.SQLiteTableWithColumns<{
    name: "bff_sessions";
    schema: undefined;
    columns: {
        revokedAt: SQLiteColumn<{
            name: "revoked_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        revokeReasonCode: SQLiteColumn<{
            name: "revoke_reason_code";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        revokeActorType: SQLiteColumn<{
            name: "revoke_actor_type";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        revokeActorId: SQLiteColumn<{
            name: "revoke_actor_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        endsAt: SQLiteColumn<{
            name: "ends_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: true;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: {
                type: "always";
            };
        }, {}, {}>;
        version: SQLiteColumn<{
            name: "version";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        secretHash: SQLiteColumn<{
            name: "secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        previousSecretHash: SQLiteColumn<{
            name: "previous_secret_hash";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        previousSecretUntil: SQLiteColumn<{
            name: "previous_secret_until";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        userId: SQLiteColumn<{
            name: "user_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        organizationId: SQLiteColumn<{
            name: "organization_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        issuer: SQLiteColumn<{
            name: "issuer";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        subject: SQLiteColumn<{
            name: "subject";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        provider: SQLiteColumn<{
            name: "provider";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        providerSessionId: SQLiteColumn<{
            name: "provider_session_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        deviceId: SQLiteColumn<{
            name: "device_id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 255;
        }>;
        clientPublicKey: SQLiteColumn<{
            name: "client_public_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: number | undefined;
        }>;
        deviceKey: SQLiteColumn<{
            name: "device_key";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: number | undefined;
        }>;
        accessTokenEncrypted: SQLiteColumn<{
            name: "access_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "SQLiteCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            sqliteColumnBuilderBrand: "SQLiteCustomColumnBuilderBrand";
        }>;
        refreshTokenEncrypted: SQLiteColumn<{
            name: "refresh_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "SQLiteCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            sqliteColumnBuilderBrand: "SQLiteCustomColumnBuilderBrand";
        }>;
        idTokenEncrypted: SQLiteColumn<{
            name: "id_token_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "SQLiteCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            sqliteColumnBuilderBrand: "SQLiteCustomColumnBuilderBrand";
        }>;
        claimsEncrypted: SQLiteColumn<{
            name: "claims_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "SQLiteCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            sqliteColumnBuilderBrand: "SQLiteCustomColumnBuilderBrand";
        }>;
        dpopKeyPairEncrypted: SQLiteColumn<{
            name: "dpop_key_pair_encrypted";
            tableName: "bff_sessions";
            dataType: "custom";
            columnType: "SQLiteCustomColumn";
            data: Uint8Array<ArrayBufferLike>;
            driverParam: Uint8Array<ArrayBufferLike>;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            sqliteColumnBuilderBrand: "SQLiteCustomColumnBuilderBrand";
        }>;
        dpopThumbprint: SQLiteColumn<{
            name: "dpop_thumbprint";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        accessTokenIssuedAt: SQLiteColumn<{
            name: "access_token_issued_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        accessTokenExpiresAt: SQLiteColumn<{
            name: "access_token_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        refreshTokenExpiresAt: SQLiteColumn<{
            name: "refresh_token_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        metadata: SQLiteColumn<{
            name: "metadata";
            tableName: "bff_sessions";
            dataType: "json";
            columnType: "SQLiteTextJson";
            data: Readonly<Record<string, unknown>>;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            $type: Readonly<Record<string, unknown>>;
        }>;
        ipAddress: SQLiteColumn<{
            name: "ip_address";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 45;
        }>;
        userAgent: SQLiteColumn<{
            name: "user_agent";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: false;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 500;
        }>;
        createdAt: SQLiteColumn<{
            name: "created_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        updatedAt: SQLiteColumn<{
            name: "updated_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        lastAccessedAt: SQLiteColumn<{
            name: "last_accessed_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        expiresAt: SQLiteColumn<{
            name: "expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        absoluteExpiresAt: SQLiteColumn<{
            name: "absolute_expires_at";
            tableName: "bff_sessions";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
        id: SQLiteColumn<{
            name: "id";
            tableName: "bff_sessions";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
    };
    dialect: "sqlite";
}>;
declare const bffTtl: drizzle_orm_sqlite_core.SQLiteTableWithColumns<{
    name: "bff_ttl";
    schema: undefined;
    columns: {
        key: SQLiteColumn<{
            name: "key";
            tableName: "bff_ttl";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: true;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: 64;
        }>;
        value: SQLiteColumn<{
            name: "value";
            tableName: "bff_ttl";
            dataType: "string";
            columnType: "SQLiteText";
            data: string;
            driverParam: string;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: [
                string,
                ...string[]
            ];
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {
            length: number | undefined;
        }>;
        expiresAt: SQLiteColumn<{
            name: "expires_at";
            tableName: "bff_ttl";
            dataType: "number";
            columnType: "SQLiteInteger";
            data: number;
            driverParam: number;
            notNull: true;
            hasDefault: false;
            isPrimaryKey: false;
            isAutoincrement: false;
            hasRuntimeDefault: false;
            enumValues: undefined;
            baseColumn: never;
            identity: undefined;
            generated: undefined;
        }, {}, {}>;
    };
    dialect: "sqlite";
}>;
declare function sessionColumns(): {
    revokedAt: drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"revoked_at">;
    revokeReasonCode: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"revoke_reason_code", [
        string,
        ...string[]
    ], 255>;
    revokeActorType: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"revoke_actor_type", [
        string,
        ...string[]
    ], 255>;
    revokeActorId: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"revoke_actor_id", [
        string,
        ...string[]
    ], 255>;
    endsAt: drizzle_orm.HasGenerated<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"ends_at">, {
        type: "always";
    }>;
    version: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"version">>;
    secretHash: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"secret_hash", [
        string,
        ...string[]
    ], 64>>;
    previousSecretHash: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"previous_secret_hash", [
        string,
        ...string[]
    ], 64>;
    previousSecretUntil: drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"previous_secret_until">;
    userId: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"user_id", [
        string,
        ...string[]
    ], 255>>;
    organizationId: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"organization_id", [
        string,
        ...string[]
    ], 255>;
    issuer: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"issuer", [
        string,
        ...string[]
    ], 255>;
    subject: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"subject", [
        string,
        ...string[]
    ], 255>;
    provider: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"provider", [
        string,
        ...string[]
    ], 255>;
    providerSessionId: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"provider_session_id", [
        string,
        ...string[]
    ], 255>;
    deviceId: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"device_id", [
        string,
        ...string[]
    ], 255>;
    clientPublicKey: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"client_public_key", [
        string,
        ...string[]
    ], number | undefined>;
    deviceKey: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"device_key", [
        string,
        ...string[]
    ], number | undefined>;
    accessTokenEncrypted: drizzle_orm_sqlite_core.SQLiteCustomColumnBuilder<{
        name: "access_token_encrypted";
        dataType: "custom";
        columnType: "SQLiteCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    refreshTokenEncrypted: drizzle_orm_sqlite_core.SQLiteCustomColumnBuilder<{
        name: "refresh_token_encrypted";
        dataType: "custom";
        columnType: "SQLiteCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    idTokenEncrypted: drizzle_orm_sqlite_core.SQLiteCustomColumnBuilder<{
        name: "id_token_encrypted";
        dataType: "custom";
        columnType: "SQLiteCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    claimsEncrypted: drizzle_orm_sqlite_core.SQLiteCustomColumnBuilder<{
        name: "claims_encrypted";
        dataType: "custom";
        columnType: "SQLiteCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopKeyPairEncrypted: drizzle_orm_sqlite_core.SQLiteCustomColumnBuilder<{
        name: "dpop_key_pair_encrypted";
        dataType: "custom";
        columnType: "SQLiteCustomColumn";
        data: Uint8Array<ArrayBufferLike>;
        driverParam: Uint8Array<ArrayBufferLike>;
        enumValues: undefined;
    }>;
    dpopThumbprint: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"dpop_thumbprint", [
        string,
        ...string[]
    ], 64>;
    accessTokenIssuedAt: drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"access_token_issued_at">;
    accessTokenExpiresAt: drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"access_token_expires_at">;
    refreshTokenExpiresAt: drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"refresh_token_expires_at">;
    metadata: drizzle_orm.NotNull<drizzle_orm.$Type<drizzle_orm_sqlite_core.SQLiteTextJsonBuilderInitial<"metadata">, Readonly<Record<string, unknown>>>>;
    ipAddress: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"ip_address", [
        string,
        ...string[]
    ], 45>;
    userAgent: drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"user_agent", [
        string,
        ...string[]
    ], 500>;
    createdAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"created_at">>;
    updatedAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"updated_at">>;
    lastAccessedAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"last_accessed_at">>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"expires_at">>;
    absoluteExpiresAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"absolute_expires_at">>;
    id: drizzle_orm.NotNull<drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"id", [
        string,
        ...string[]
    ], 64>>>>;
};
declare function sessionIndexes(t: SessionColumns, name?: string): drizzle_orm_sqlite_core.IndexBuilder[];
declare function sqliteStore(options: SqliteStoreOptions): DrizzleStores;
declare function ttlColumns(): {
    key: drizzle_orm.NotNull<drizzle_orm.IsPrimaryKey<drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"key", [
        string,
        ...string[]
    ], 64>>>>;
    value: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteTextBuilderInitial<"value", [
        string,
        ...string[]
    ], number | undefined>>;
    expiresAt: drizzle_orm.NotNull<drizzle_orm_sqlite_core.SQLiteIntegerBuilderInitial<"expires_at">>;
};
declare function ttlIndexes(t: TtlColumns, name?: string): drizzle_orm_sqlite_core.IndexBuilder[];
export { DatabaseError } from '@bff/store-sql';
export { DrizzleStores, StoreOptions, bffSessions, bffTtl, sessionColumns, sessionIndexes, sqliteStore, ttlColumns, ttlIndexes, type SessionColumns, type SqliteDb, type SqliteStoreOptions, type TtlColumns };
import * as drizzle_orm from 'drizzle-orm';
import * as drizzle_orm_sqlite_core from 'drizzle-orm/sqlite-core';
import { BaseSQLiteDatabase, SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { DrizzleStores, StoreOptions } from './assemble.js';
import { RunResult } from 'better-sqlite3';
import { TablesRelationalConfig } from 'drizzle-orm';
interface SqliteStoreOptions extends StoreOptions {
    readonly db?: SqliteDb;
    readonly path?: string;
    readonly synchronous?: 'full' | 'normal';
    readonly tables?: {
        readonly sessions?: SQLiteTable & SessionColumns;
        readonly ttl?: SQLiteTable & TtlColumns;
    };
}
type SessionColumns = {
    readonly [Name in keyof ReturnType<typeof sessionColumns>]: SQLiteColumn;
};
type SqliteDb = Pick<BaseSQLiteDatabase<'sync', RunResult, Record<string, unknown>, TablesRelationalConfig>, 'select' | 'insert' | 'update' | 'delete' | 'get' | 'transaction'>;
type TtlColumns = {
    readonly [Name in keyof ReturnType<typeof ttlColumns>]: SQLiteColumn;
};
