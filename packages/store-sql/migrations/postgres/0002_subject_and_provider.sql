ALTER TABLE "bff_sessions" ADD COLUMN "subject" varchar(255);--> statement-breakpoint
ALTER TABLE "bff_sessions" ADD COLUMN "provider" varchar(255);--> statement-breakpoint
CREATE INDEX "idx_bff_sessions_subject" ON "bff_sessions" USING btree ("issuer","subject","created_at" desc,"id");