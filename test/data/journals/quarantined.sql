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
INSERT INTO "event" VALUES(1,'',1.79594546720055294039e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945467.200553,"steady":3758.725986247,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594546721489381792e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945467.2148938,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"on_failure":"continue"},{"id":"second","action_type":"work","depends_on":[]}],"signals":{}},"command":"quarantined","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594546721489381792e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945467.2148938,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594546721489381792e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945467.2148938,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594546721489381792e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945467.2148938,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594546721489381792e+09,'TASK_READY','first','{"type":"TaskReady","time":1795945467.2148938,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594546721489381792e+09,'TASK_READY','second','{"type":"TaskReady","time":1795945467.2148938,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594546721489381792e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795945467.2148938,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594546721489381792e+09,'TASK_STARTED','second','{"type":"TaskStarted","time":1795945467.2148938,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594546722145080564e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795945467.2214508,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(11,'',1.79594546722148776058e+09,'GOAL_QUARANTINED','','{"type":"GoalQuarantined","time":1795945467.2214878,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","owner":"recorded","action":"first","number":1,"capability":"work","accepted":true,"reason":"it is silent","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79594546722148776058e+09,'TASK_ATTEMPT_FAILED','first','{"type":"TaskAttemptFailed","time":1795945467.2214878,"execution_id":"recorded","key":"first","attempt":1,"outcome":"unknown","error":{"type":"CONNECTIVITY","code":"GOAL_OUTCOME_UNKNOWN","message":"it is silent; the robot may still be moving","recoverable":false},"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79594546722148776058e+09,'TASK_FAILED','first','{"type":"TaskFailed","time":1795945467.2214878,"execution_id":"recorded","key":"first","attempt":1,"error":{"type":"CONNECTIVITY","code":"GOAL_OUTCOME_UNKNOWN","message":"it is silent; the robot may still be moving","recoverable":false},"tolerated":true,"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79594546722148776058e+09,'DEAD_LETTER_ADDED','first','{"type":"DeadLetterAdded","time":1795945467.2214878,"execution_id":"recorded","key":"first","attempt":1,"dead_letter_id":"recorded/first/1","action_type":"work","action":{"id":"first","action_type":"work","depends_on":[],"on_failure":"continue"},"parameters":{},"error":{"type":"CONNECTIVITY","code":"GOAL_OUTCOME_UNKNOWN","message":"it is silent; the robot may still be moving","recoverable":false},"retry_after":1795945477.2214878,"schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79594546723082947731e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795945467.2308295,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594546721489381792e+09,NULL,'','quarantined');
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
