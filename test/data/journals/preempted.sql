BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0007');
CREATE TABLE event (
	seq INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	type VARCHAR(64) NOT NULL, 
	action TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "event" VALUES(1,'',1.79598343022188329694e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983430.2218833,"steady":673.15725332,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598343022900462152e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983430.2290046,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"resources":[{"resource":"arm"}],"preemptible":true,"idempotent":true}],"signals":{}},"command":"preempted","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598343022900462152e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983430.2290046,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598343022900462152e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983430.2290046,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598343022900462152e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983430.2290046,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598343022900462152e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983430.2290046,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598343022900462152e+09,'RESOURCE_ALLOCATED','first','{"type":"ResourceAllocated","time":1795983430.2290046,"execution_id":"recorded","key":"first","attempt":1,"leases":[{"lease_id":"recorded/first/1/0","resource":"arm","amount":1.0,"rate":0.0}],"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598343022900462152e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983430.2290046,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79598343023686194417e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983430.236862,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'urgent',1.79598343023718214029e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983430.2371821,"execution_id":"urgent","plan":{"version":1,"actions":[{"id":"save","action_type":"work","depends_on":[],"resources":[{"resource":"arm"}]}]},"priority":50,"options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(11,'urgent',1.79598343023718214029e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983430.2371821,"execution_id":"urgent","schema":2}');
INSERT INTO "event" VALUES(12,'urgent',1.79598343023718214029e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983430.2371821,"execution_id":"urgent","schema":2}');
INSERT INTO "event" VALUES(13,'urgent',1.79598343023718214029e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983430.2371821,"execution_id":"urgent","block":"actions","schema":2}');
INSERT INTO "event" VALUES(14,'urgent',1.79598343023718214029e+09,'TASK_READY','save','{"type":"TaskReady","time":1795983430.2371821,"execution_id":"urgent","key":"save","reason":"waits for arm, held by first in execution recorded","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79598343023718214029e+09,'PREEMPTED','first','{"type":"TaskPreempted","time":1795983430.2371821,"execution_id":"recorded","key":"first","attempt":1,"by":"save of execution urgent","schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79598343023718214029e+09,'TASK_CANCEL_REQUESTED','first','{"type":"TaskCancelRequested","time":1795983430.2371821,"execution_id":"recorded","key":"first","attempt":1,"intent":"preempt","goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","until":1795983440.2371821,"reason":"makes room for save of execution urgent","schema":2}');
CREATE TABLE execution (
	execution_id TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER, 
	accepted FLOAT NOT NULL, 
	ended FLOAT, 
	status VARCHAR(32) NOT NULL, 
	command TEXT NOT NULL, 
	capabilities TEXT DEFAULT '' NOT NULL, 
	errors TEXT DEFAULT '' NOT NULL, 
	robots TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (execution_id)
);
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598343022900462152e+09,NULL,'','preempted','','','');
INSERT INTO "execution" VALUES('urgent',10,NULL,1.79598343023718214029e+09,NULL,'','','','','');
CREATE TABLE pruned (
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	PRIMARY KEY (first)
);
CREATE INDEX event_lasting ON event (seq) WHERE (execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'));
CREATE INDEX event_commands ON event (seq) WHERE type IN ('COMMAND_GIVEN', 'EXECUTION_REQUESTED', 'REQUEST_REFUSED');
CREATE INDEX execution_ended ON execution (ended);
CREATE INDEX execution_first ON execution (first);
COMMIT;
