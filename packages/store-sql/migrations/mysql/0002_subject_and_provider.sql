ALTER TABLE `bff_sessions` ADD `subject` varchar(255) character set utf8mb4 collate utf8mb4_bin;--> statement-breakpoint
ALTER TABLE `bff_sessions` ADD `provider` varchar(255) character set utf8mb4 collate utf8mb4_bin;--> statement-breakpoint
CREATE INDEX `idx_bff_sessions_subject` ON `bff_sessions` (`issuer`,`subject`,`created_at` desc,`id`);