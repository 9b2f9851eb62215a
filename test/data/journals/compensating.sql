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
INSERT INTO "event" VALUES(1,'',1.795889931150346756e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795889931.1503468,"steady":19342.819269972,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79588993117981719966e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795889931.1798172,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"compensation":{"id":"undo","action_type":"work","depends_on":[]}},{"id":"second","action_type":"work","depends_on":["first"]}]},"command":"compensating","options":{},"logic":["left_out_is_partial"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79588993117981719966e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795889931.1798172,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79588993117981719966e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795889931.1798172,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79588993117981719966e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795889931.1798172,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79588993117981719966e+09,'TASK_READY','first','{"type":"TaskReady","time":1795889931.1798172,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79588993117981719966e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795889931.1798172,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79588993119117355345e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795889931.1911736,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79588993119151186942e+09,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795889931.1915119,"execution_id":"recorded","key":"first","attempt":1,"output":{"did":"first"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79588993119151186942e+09,'TASK_READY','second','{"type":"TaskReady","time":1795889931.1915119,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79588993119151186942e+09,'TASK_STARTED','second','{"type":"TaskStarted","time":1795889931.1915119,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79588993119200372693e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795889931.1920037,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79588993119201779363e+09,'TASK_ATTEMPT_FAILED','second','{"type":"TaskAttemptFailed","time":1795889931.1920178,"execution_id":"recorded","key":"second","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79588993119201779363e+09,'TASK_FAILED','second','{"type":"TaskFailed","time":1795889931.1920178,"execution_id":"recorded","key":"second","attempt":1,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79588993119201779363e+09,'DEAD_LETTER_ADDED','second','{"type":"DeadLetterAdded","time":1795889931.1920178,"execution_id":"recorded","key":"second","attempt":1,"dead_letter_id":"recorded/second/1","action_type":"work","action":{"id":"second","action_type":"work","depends_on":["first"]},"parameters":{},"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"retry_after":1795889941.1920178,"schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79588993119201779363e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795889931.1920178,"execution_id":"recorded","cause":"failure","reason":"second failed","schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79588993119201779363e+09,'COMPENSATION_STARTED','','{"type":"CompensationStarted","time":1795889931.1920178,"execution_id":"recorded","keys":["first"],"schema":2}');
INSERT INTO "event" VALUES(18,'recorded',1.79588993119201779363e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795889931.1920178,"execution_id":"recorded","block":"compensation","undoes":"first","schema":2}');
INSERT INTO "event" VALUES(19,'recorded',1.79588993119201779363e+09,'TASK_READY','undo','{"type":"TaskReady","time":1795889931.1920178,"execution_id":"recorded","key":"undo","schema":2}');
INSERT INTO "event" VALUES(20,'recorded',1.79588993119201779363e+09,'TASK_STARTED','undo','{"type":"TaskStarted","time":1795889931.1920178,"execution_id":"recorded","key":"undo","attempt":1,"goal_id":"13223ddc-f1c6-5d21-a434-7fa1a7b8d3cc","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(21,'recorded',1.79588993119233489032e+09,'TASK_ACCEPTED','undo','{"type":"TaskAccepted","time":1795889931.192335,"execution_id":"recorded","key":"undo","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79588993117981719966e+09,NULL,'','compensating');
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
