/**
 * The files in migrations/sqlite, for a runtime without files. `pnpm migrations:update` writes them.
 */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `CREATE TABLE \`bff_sessions\` (
	\`id\` text(64) PRIMARY KEY NOT NULL,
	\`version\` integer NOT NULL,
	\`secret_hash\` text(64) NOT NULL,
	\`previous_secret_hash\` text(64),
	\`previous_secret_until\` integer,
	\`user_id\` text(255) NOT NULL,
	\`organization_id\` text(255),
	\`issuer\` text(255),
	\`provider_session_id\` text(255),
	\`device_id\` text(255),
	\`client_public_key\` text,
	\`access_token_encrypted\` blob,
	\`refresh_token_encrypted\` blob,
	\`id_token_encrypted\` blob,
	\`claims_encrypted\` blob,
	\`dpop_key_pair_encrypted\` blob,
	\`dpop_thumbprint\` text(64),
	\`access_token_issued_at\` integer,
	\`access_token_expires_at\` integer,
	\`refresh_token_expires_at\` integer,
	\`metadata\` text NOT NULL,
	\`ip_address\` text(45),
	\`user_agent\` text(500),
	\`created_at\` integer NOT NULL,
	\`updated_at\` integer NOT NULL,
	\`last_accessed_at\` integer NOT NULL,
	\`expires_at\` integer NOT NULL,
	\`absolute_expires_at\` integer NOT NULL,
	\`revoked_at\` integer,
	\`revoke_reason_code\` text(255),
	\`revoke_actor_type\` text(255),
	\`revoke_actor_id\` text(255),
	\`ends_at\` integer GENERATED ALWAYS AS ((min(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at)))) VIRTUAL
);
--> statement-breakpoint
CREATE INDEX \`idx_bff_sessions_user_id\` ON \`bff_sessions\` (\`user_id\`,"created_at" desc,\`id\`);--> statement-breakpoint
CREATE INDEX \`idx_bff_sessions_organization_id\` ON \`bff_sessions\` (\`organization_id\`,"created_at" desc,\`id\`);--> statement-breakpoint
CREATE INDEX \`idx_bff_sessions_provider_session\` ON \`bff_sessions\` (\`issuer\`,\`provider_session_id\`,"created_at" desc,\`id\`);--> statement-breakpoint
CREATE INDEX \`idx_bff_sessions_expires_at\` ON \`bff_sessions\` (\`revoked_at\`,\`ends_at\`);--> statement-breakpoint
CREATE TABLE \`bff_ttl\` (
	\`key\` text(64) PRIMARY KEY NOT NULL,
	\`value\` text NOT NULL,
	\`expires_at\` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX \`idx_bff_ttl_expires_at\` ON \`bff_ttl\` (\`expires_at\`);`,
  `ALTER TABLE \`bff_sessions\` ADD \`device_key\` text;`,
  `ALTER TABLE \`bff_sessions\` ADD \`subject\` text(255);--> statement-breakpoint
ALTER TABLE \`bff_sessions\` ADD \`provider\` text(255);--> statement-breakpoint
CREATE INDEX \`idx_bff_sessions_subject\` ON \`bff_sessions\` (\`issuer\`,\`subject\`,"created_at" desc,\`id\`);`,
]
