CREATE TABLE "bff_sessions" (
	"id" varchar(64) collate "C" PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"secret_hash" varchar(64) NOT NULL,
	"previous_secret_hash" varchar(64),
	"previous_secret_until" timestamp (3) with time zone,
	"user_id" varchar(255) NOT NULL,
	"organization_id" varchar(255),
	"issuer" varchar(255),
	"provider_session_id" varchar(255),
	"device_id" varchar(255),
	"client_public_key" text,
	"access_token_encrypted" "bytea",
	"refresh_token_encrypted" "bytea",
	"id_token_encrypted" "bytea",
	"claims_encrypted" "bytea",
	"dpop_key_pair_encrypted" "bytea",
	"dpop_thumbprint" varchar(64),
	"access_token_issued_at" timestamp (3) with time zone,
	"access_token_expires_at" timestamp (3) with time zone,
	"refresh_token_expires_at" timestamp (3) with time zone,
	"metadata" jsonb NOT NULL,
	"ip_address" varchar(45),
	"user_agent" varchar(500),
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"last_accessed_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"absolute_expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	"revoke_reason_code" varchar(255),
	"revoke_actor_type" varchar(255),
	"revoke_actor_id" varchar(255),
	"ends_at" timestamp (3) with time zone GENERATED ALWAYS AS (least(expires_at, absolute_expires_at, coalesce(refresh_token_expires_at, absolute_expires_at))) STORED
);
--> statement-breakpoint
CREATE TABLE "bff_ttl" (
	"key" varchar(64) PRIMARY KEY NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "idx_bff_sessions_user_id" ON "bff_sessions" USING btree ("user_id","created_at" desc,"id");--> statement-breakpoint
CREATE INDEX "idx_bff_sessions_organization_id" ON "bff_sessions" USING btree ("organization_id","created_at" desc,"id");--> statement-breakpoint
CREATE INDEX "idx_bff_sessions_provider_session" ON "bff_sessions" USING btree ("issuer","provider_session_id","created_at" desc,"id");--> statement-breakpoint
CREATE INDEX "idx_bff_sessions_expires_at" ON "bff_sessions" USING btree ("revoked_at","ends_at");--> statement-breakpoint
CREATE INDEX "idx_bff_ttl_expires_at" ON "bff_ttl" USING btree ("expires_at");