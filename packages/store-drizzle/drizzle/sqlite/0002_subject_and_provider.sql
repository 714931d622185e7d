ALTER TABLE `bff_sessions` ADD `subject` text(255);--> statement-breakpoint
ALTER TABLE `bff_sessions` ADD `provider` text(255);--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_subject` ON `bff_sessions` (`issuer`,`subject`,"created_at" desc,`id`);