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
INSERT INTO "event" VALUES(1,'',1.79598353026826667785e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983530.2682667,"steady":773.203636883,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598353027696132659e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983530.2769613,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"compensation":{"id":"undo_first","action_type":"work","depends_on":[]}},{"id":"second","action_type":"work","depends_on":["first"],"compensation":{"id":"undo_second","action_type":"work","depends_on":[]}},{"id":"third","action_type":"work","depends_on":["second"]}],"signals":{}},"command":"compensation_cancelled","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598353027696132659e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983530.2769613,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598353027696132659e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983530.2769613,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598353027696132659e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983530.2769613,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598353027696132659e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983530.2769613,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598353027696132659e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983530.2769613,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598353028508806233e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983530.285088,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79598353028517031672e+09,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795983530.2851703,"execution_id":"recorded","key":"first","attempt":1,"output":{"did":"first"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79598353028517031672e+09,'TASK_READY','second','{"type":"TaskReady","time":1795983530.2851703,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79598353028517031672e+09,'TASK_STARTED','second','{"type":"TaskStarted","time":1795983530.2851703,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79598353028572463993e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795983530.2857246,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79598353028575277333e+09,'TASK_COMPLETED','second','{"type":"TaskCompleted","time":1795983530.2857528,"execution_id":"recorded","key":"second","attempt":1,"output":{"did":"second"},"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79598353028575277333e+09,'TASK_READY','third','{"type":"TaskReady","time":1795983530.2857528,"execution_id":"recorded","key":"third","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79598353028575277333e+09,'TASK_STARTED','third','{"type":"TaskStarted","time":1795983530.2857528,"execution_id":"recorded","key":"third","attempt":1,"goal_id":"b60247f1-cc09-502e-b589-6fb0f1faf127","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.7959835302860090733e+09,'TASK_ACCEPTED','third','{"type":"TaskAccepted","time":1795983530.286009,"execution_id":"recorded","key":"third","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79598353028602766984e+09,'TASK_ATTEMPT_FAILED','third','{"type":"TaskAttemptFailed","time":1795983530.2860277,"execution_id":"recorded","key":"third","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(18,'recorded',1.79598353028602766984e+09,'TASK_FAILED','third','{"type":"TaskFailed","time":1795983530.2860277,"execution_id":"recorded","key":"third","attempt":1,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(19,'recorded',1.79598353028602766984e+09,'DEAD_LETTER_ADDED','third','{"type":"DeadLetterAdded","time":1795983530.2860277,"execution_id":"recorded","key":"third","attempt":1,"dead_letter_id":"recorded/third/1","action_type":"work","action":{"id":"third","action_type":"work","depends_on":["second"]},"parameters":{},"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"retry_after":1795983540.2860277,"schema":2}');
INSERT INTO "event" VALUES(20,'recorded',1.79598353028602766984e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795983530.2860277,"execution_id":"recorded","cause":"failure","reason":"third failed","schema":2}');
INSERT INTO "event" VALUES(21,'recorded',1.79598353028602766984e+09,'COMPENSATION_STARTED','','{"type":"CompensationStarted","time":1795983530.2860277,"execution_id":"recorded","keys":["second","first"],"schema":2}');
INSERT INTO "event" VALUES(22,'recorded',1.79598353028602766984e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983530.2860277,"execution_id":"recorded","block":"compensation","undoes":"second","schema":2}');
INSERT INTO "event" VALUES(23,'recorded',1.79598353028602766984e+09,'TASK_READY','undo_second','{"type":"TaskReady","time":1795983530.2860277,"execution_id":"recorded","key":"undo_second","schema":2}');
INSERT INTO "event" VALUES(24,'recorded',1.79598353028602766984e+09,'TASK_STARTED','undo_second','{"type":"TaskStarted","time":1795983530.2860277,"execution_id":"recorded","key":"undo_second","attempt":1,"goal_id":"cd410051-c01a-5f67-ac2f-0f335af9fb9b","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(25,'recorded',1.79598353028664278977e+09,'TASK_ACCEPTED','undo_second','{"type":"TaskAccepted","time":1795983530.2866428,"execution_id":"recorded","key":"undo_second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(26,'recorded',1.79598353028678679463e+09,'EXECUTION_CANCEL_REQUESTED','','{"type":"ExecutionCancelRequested","time":1795983530.2867868,"execution_id":"recorded","reason":"a client cancelled it","at_once":true,"schema":2}');
INSERT INTO "event" VALUES(27,'recorded',1.79598353028678679463e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795983530.2867868,"execution_id":"recorded","cause":"cancel","reason":"a client cancelled it","schema":2}');
INSERT INTO "event" VALUES(28,'recorded',1.79598353028678679463e+09,'TASK_CANCEL_REQUESTED','undo_second','{"type":"TaskCancelRequested","time":1795983530.2867868,"execution_id":"recorded","key":"undo_second","attempt":1,"intent":"cancel","goal_id":"cd410051-c01a-5f67-ac2f-0f335af9fb9b","until":1795983540.2867868,"reason":"a client cancelled it","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598353027696132659e+09,NULL,'','compensation_cancelled','','','');
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
