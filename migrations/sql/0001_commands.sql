CREATE SEQUENCE "public"."reservation_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "availability_intent" (
	"charge_point_id" text NOT NULL,
	"connector_id" integer NOT NULL,
	"type" text NOT NULL,
	"answer" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "availability_intent_charge_point_id_connector_id_pk" PRIMARY KEY("charge_point_id","connector_id")
);
--> statement-breakpoint
CREATE TABLE "charging_profile" (
	"charge_point_id" text NOT NULL,
	"charging_profile_id" integer NOT NULL,
	"connector_id" integer NOT NULL,
	"stack_level" integer NOT NULL,
	"purpose" text NOT NULL,
	"profile" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "charging_profile_charge_point_id_charging_profile_id_pk" PRIMARY KEY("charge_point_id","charging_profile_id")
);
--> statement-breakpoint
CREATE TABLE "command" (
	"command_id" uuid PRIMARY KEY NOT NULL,
	"charge_point_id" text NOT NULL,
	"action" text NOT NULL,
	"payload" jsonb NOT NULL,
	"status" text NOT NULL,
	"requested_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"response" jsonb,
	"error_code" text,
	"error_description" text,
	"gateway_id" text NOT NULL,
	"follow_status" text,
	"follow_deadline" timestamp (3) with time zone,
	"followed_at" timestamp (3) with time zone,
	"follow_detail" jsonb,
	"trace_id" uuid
);
--> statement-breakpoint
CREATE TABLE "configuration_key" (
	"charge_point_id" text NOT NULL,
	"key" text NOT NULL,
	"value" text,
	"readonly" boolean DEFAULT false NOT NULL,
	"reboot_required" boolean DEFAULT false NOT NULL,
	"unknown" boolean DEFAULT false NOT NULL,
	"known_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "configuration_key_charge_point_id_key_pk" PRIMARY KEY("charge_point_id","key")
);
--> statement-breakpoint
CREATE TABLE "flapping" (
	"charge_point_id" text PRIMARY KEY NOT NULL,
	"takeovers" integer NOT NULL,
	"addresses" text[] DEFAULT '{}' NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "frame" (
	"id" bigserial NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"charge_point_id" text NOT NULL,
	"connection_id" text NOT NULL,
	"gateway_id" text NOT NULL,
	"direction" text NOT NULL,
	"kind" text NOT NULL,
	"message_id" text NOT NULL,
	"action" text NOT NULL,
	"text" text NOT NULL,
	"latency_ms" double precision,
	"error_code" text,
	"trace_id" uuid,
	CONSTRAINT "frame_at_id_pk" PRIMARY KEY("at","id")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
-- By hand, as for meter_value: days are made ahead by partitions.ts.
CREATE TABLE "frame_default" PARTITION OF "frame" DEFAULT;
--> statement-breakpoint
CREATE TABLE "reservation" (
	"charge_point_id" text NOT NULL,
	"reservation_id" integer NOT NULL,
	"connector_id" integer NOT NULL,
	"id_tag" text NOT NULL,
	"parent_id_tag" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"status" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reservation_charge_point_id_reservation_id_pk" PRIMARY KEY("charge_point_id","reservation_id")
);
--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "online" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "presence_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "epoch" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "gateway_id" text;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "connection_id" text;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "address" text;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "last_disconnect_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "last_disconnect_reason" text;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "last_disconnect_category" text;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "security_profile" smallint;--> statement-breakpoint
ALTER TABLE "charge_point" ADD COLUMN "local_list_version" integer;--> statement-breakpoint
CREATE INDEX "command_charge_point" ON "command" USING btree ("charge_point_id","created_at","command_id");--> statement-breakpoint
CREATE INDEX "command_following" ON "command" USING btree ("charge_point_id","action") WHERE follow_status = 'waiting';--> statement-breakpoint
CREATE INDEX "frame_charge_point" ON "frame" USING btree ("charge_point_id","at","id");