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
INSERT INTO "event" VALUES(1,'',1795983419.40831,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983419.40831,"steady":662.343679597,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598341941760587694e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983419.4176059,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"],"recovery":"lost"}],"signals":{}},"command":"replanning","options":{"planner":"llm"},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598341941760587694e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983419.4176059,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598341941760587694e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983419.4176059,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598341941760587694e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983419.4176059,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598341941760587694e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983419.4176059,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598341941760587694e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983419.4176059,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598341942721557613e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983419.4272156,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79598341942731261258e+09,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795983419.4273126,"execution_id":"recorded","key":"first","attempt":1,"output":{"did":"first"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79598341942731261258e+09,'TASK_READY','second','{"type":"TaskReady","time":1795983419.4273126,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79598341942731261258e+09,'TASK_STARTED','second','{"type":"TaskStarted","time":1795983419.4273126,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79598341942791700368e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795983419.427917,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79598341942796683309e+09,'TASK_ATTEMPT_FAILED','second','{"type":"TaskAttemptFailed","time":1795983419.4279668,"execution_id":"recorded","key":"second","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79598341942796683309e+09,'RECOVERY_INITIATED','second','{"type":"RecoveryInitiated","time":1795983419.4279668,"execution_id":"recorded","key":"second","attempt":1,"run_id":"recorded/second/1/replan/0","strategy":"replan","position":0,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"strategies_left":2,"reason":"EXECUTION_X: it broke","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79598341942796683309e+09,'RECOVERY_FINISHED','second','{"type":"RecoveryFinished","time":1795983419.4279668,"execution_id":"recorded","key":"second","attempt":1,"run_id":"recorded/second/1/replan/0","strategy":"replan","outcome":"REPLAN","reason":"another plan may help","succeeded":true,"delay":0.0,"timeout_factor":1.0,"schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79598341942796683309e+09,'EXECUTION_CANCEL_REQUESTED','','{"type":"ExecutionCancelRequested","time":1795983419.4279668,"execution_id":"recorded","cause":"replan","reason":"second failed and another plan may help","failed_key":"second","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79598341942796683309e+09,'TASK_FAILED','second','{"type":"TaskFailed","time":1795983419.4279668,"execution_id":"recorded","key":"second","attempt":1,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(18,'recorded',1.79598341942796683309e+09,'DEAD_LETTER_ADDED','second','{"type":"DeadLetterAdded","time":1795983419.4279668,"execution_id":"recorded","key":"second","attempt":1,"dead_letter_id":"recorded/second/1","action_type":"work","action":{"id":"second","action_type":"work","depends_on":["first"],"recovery":"lost"},"parameters":{},"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"retry_after":1795983429.4279668,"schema":2}');
INSERT INTO "event" VALUES(19,'recorded',1.79598341942796683309e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795983419.4279668,"execution_id":"recorded","cause":"cancel","reason":"second failed and another plan may help","schema":2}');
INSERT INTO "event" VALUES(20,'recorded',1.79598341942796683309e+09,'REPLAN_REQUESTED','','{"type":"ReplanRequested","time":1795983419.4279668,"execution_id":"recorded","run_id":"recorded/replan/1","reason":"second failed and another plan may help","until":1795983539.4279668,"failure":{"key":"second","action_type":"work","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"}},"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598341941760587694e+09,NULL,'','replanning','','','');
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
