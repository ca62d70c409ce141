CREATE TABLE "unknown_charge_point" (
	"charge_point_id" text PRIMARY KEY NOT NULL,
	"attempts" integer NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	"address" text NOT NULL,
	"subprotocols" text[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
ALTER TABLE "availability_intent" ADD COLUMN "reapplied_boot_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "unknown_charge_point_newest" ON "unknown_charge_point" USING btree ("last_at","charge_point_id");--> statement-breakpoint
CREATE INDEX "availability_intent_inoperative" ON "availability_intent" USING btree ("charge_point_id") WHERE type = 'Inoperative';