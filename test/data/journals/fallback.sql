BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE "event" (
	seq INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	time FLOAT NOT NULL, 
	type VARCHAR(64) NOT NULL, 
	action TEXT NOT NULL, 
	data TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "event" VALUES(1,'',1.7959454548640613556e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945454.8640614,"steady":3746.38949484,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594545487001490597e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945454.870015,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"fallback_action":{"id":"other","action_type":"work","depends_on":[]}},{"id":"second","action_type":"work","depends_on":["first"]}],"signals":{}},"command":"fallback","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594545487001490597e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945454.870015,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594545487001490597e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945454.870015,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594545487001490597e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945454.870015,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594545487001490597e+09,'TASK_READY','first','{"type":"TaskReady","time":1795945454.870015,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594545487001490597e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795945454.870015,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594545487289023399e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795945454.8728902,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594545487291884422e+09,'TASK_ATTEMPT_FAILED','first','{"type":"TaskAttemptFailed","time":1795945454.8729188,"execution_id":"recorded","key":"first","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594545487291884422e+09,'RECOVERY_INITIATED','first','{"type":"RecoveryInitiated","time":1795945454.8729188,"execution_id":"recorded","key":"first","attempt":1,"run_id":"recorded/first/1/fallback/0","strategy":"fallback","position":2,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"reason":"EXECUTION_X: it broke","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79594545487291884422e+09,'BLOCK_ENTERED','first','{"type":"BlockEntered","time":1795945454.8729188,"execution_id":"recorded","key":"first","block":"fallback","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79594545487291884422e+09,'TASK_READY','other','{"type":"TaskReady","time":1795945454.8729188,"execution_id":"recorded","key":"other","schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79594545487291884422e+09,'TASK_STARTED','other','{"type":"TaskStarted","time":1795945454.8729188,"execution_id":"recorded","key":"other","attempt":1,"goal_id":"6ddcc04c-6d69-56e8-a3b3-795557df1f23","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79594545487325978278e+09,'TASK_ACCEPTED','other','{"type":"TaskAccepted","time":1795945454.8732598,"execution_id":"recorded","key":"other","attempt":1,"schema":2}');
CREATE TABLE execution (
	execution_id TEXT NOT NULL, 
	first INTEGER NOT NULL, 
	last INTEGER, 
	accepted FLOAT NOT NULL, 
	ended FLOAT, 
	status VARCHAR(32) NOT NULL, 
	command TEXT NOT NULL, 
	PRIMARY KEY (execution_id)
);
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594545487001490597e+09,NULL,'','fallback');
CREATE TABLE pruned (
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	PRIMARY KEY (first)
);
CREATE INDEX event_lasting ON event (seq) WHERE (execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'));
CREATE INDEX execution_first ON execution (first);
CREATE INDEX execution_ended ON execution (ended);
COMMIT;
