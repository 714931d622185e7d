CREATE TABLE `bff_sessions` (
	`id` varchar(64) character set ascii collate ascii_bin NOT NULL,
	`version` int NOT NULL,
	`secret_hash` varchar(64) NOT NULL,
	`previous_secret_hash` varchar(64),
	`previous_secret_until` bigint,
	`user_id` varchar(255) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`organization_id` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`issuer` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`provider_session_id` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`device_id` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`client_public_key` text,
	`access_token_encrypted` mediumblob,
	`refresh_token_encrypted` mediumblob,
	`id_token_encrypted` mediumblob,
	`claims_encrypted` mediumblob,
	`dpop_key_pair_encrypted` mediumblob,
	`dpop_thumbprint` varchar(64),
	`access_token_issued_at` bigint,
	`access_token_expires_at` bigint,
	`refresh_token_expires_at` bigint,
	`metadata` json NOT NULL,
	`ip_address` varchar(45),
	`user_agent` varchar(500) character set utf8mb4 collate utf8mb4_bin,
	`created_at` bigint NOT NULL,
	`updated_at` bigint NOT NULL,
	`last_accessed_at` bigint NOT NULL,
	`expires_at` bigint NOT NULL,
	`absolute_expires_at` bigint NOT NULL,
	`revoked_at` bigint,
	`revoke_reason_code` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`revoke_actor_type` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`revoke_actor_id` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`ends_at` bigint GENERATED ALWAYS AS ((least(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at)))) VIRTUAL,
	CONSTRAINT `bff_sessions_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `bff_ttl` (
	`key` varchar(64) character set ascii collate ascii_bin NOT NULL,
	`value` mediumtext character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`expires_at` bigint NOT NULL,
	CONSTRAINT `bff_ttl_key` PRIMARY KEY(`key`)
);
--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_user_id` ON `bff_sessions` (`user_id`,`created_at` desc,`id`);--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_organization_id` ON `bff_sessions` (`organization_id`,`created_at` desc,`id`);--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_provider_session` ON `bff_sessions` (`issuer`,`provider_session_id`,`created_at` desc,`id`);--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_expires_at` ON `bff_sessions` (`revoked_at`,`ends_at`);--> statement-breakpoint
CREATE INDEX `idx_bff_ttl_expires_at` ON `bff_ttl` (`expires_at`);