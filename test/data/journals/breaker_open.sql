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
INSERT INTO "event" VALUES(1,'',1.79598345826334929468e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983458.2633493,"steady":701.198719447,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598345826927566527e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983458.2692757,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"server":"nav","retry":{"max_attempts":2,"initial_delay":30.0,"max_delay":30.0,"jitter":0.0}}],"signals":{}},"command":"breaker_open","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598345826927566527e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983458.2692757,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598345826927566527e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983458.2692757,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598345826927566527e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983458.2692757,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598345826927566527e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983458.2692757,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598345826927566527e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983458.2692757,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598345827694416045e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983458.2769442,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'',1.79598345827701425555e+09,'BREAKER_OPENED','','{"type":"BreakerOpened","time":1795983458.2770143,"server":"nav","until":1795983458.4770143,"failures":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79598345827701425555e+09,'TASK_ATTEMPT_FAILED','first','{"type":"TaskAttemptFailed","time":1795983458.2770143,"execution_id":"recorded","key":"first","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79598345827701425555e+09,'RECOVERY_INITIATED','first','{"type":"RecoveryInitiated","time":1795983458.2770143,"execution_id":"recorded","key":"first","attempt":1,"run_id":"recorded/first/1/retry/0","strategy":"retry","position":0,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"strategies_left":2,"reason":"EXECUTION_X: it broke","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79598345827701425555e+09,'RECOVERY_FINISHED','first','{"type":"RecoveryFinished","time":1795983458.2770143,"execution_id":"recorded","key":"first","attempt":1,"run_id":"recorded/first/1/retry/0","strategy":"retry","outcome":"RETRY","reason":"the action''s own retry policy","succeeded":true,"delay":30.0,"timeout_factor":1.0,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79598345827701425555e+09,'TASK_RETRY_SCHEDULED','first','{"type":"TaskRetryScheduled","time":1795983458.2770143,"execution_id":"recorded","key":"first","attempt":1,"delay":30.0,"reason":"the action''s own retry policy","timeout_factor":1.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598345826927566527e+09,NULL,'','breaker_open','','','');
CREATE TABLE pruned (
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	PRIMARY KEY (first)
);
CREATE INDEX event_lasting ON event (seq) WHERE (execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'));
CREATE INDEX event_commands ON event (seq) WHERE type IN ('COMMAND_GIVEN', 'EXECUTION_REQUESTED', 'REQUEST_REFUSED');
CREATE INDEX execution_first ON execution (first);
CREATE INDEX execution_ended ON execution (ended);
COMMIT;
