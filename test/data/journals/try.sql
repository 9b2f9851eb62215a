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
INSERT INTO "event" VALUES(1,'',1.79588993296214127545e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795889932.9621413,"steady":19344.631064447,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79588993297201919554e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795889932.9720192,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"block","action_type":"try","depends_on":[],"actions":[{"id":"risky","action_type":"work","depends_on":[]}],"catch":[{"errors":[],"actions":[{"id":"mend","action_type":"work","depends_on":[]}],"rethrow":false}],"on_error":"propagate","finally":[{"id":"tidy","action_type":"work","depends_on":[]}]}]},"command":"try","options":{},"logic":["left_out_is_partial"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79588993297201919554e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795889932.9720192,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79588993297201919554e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795889932.9720192,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79588993297201919554e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795889932.9720192,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79588993297201919554e+09,'BLOCK_ENTERED','block','{"type":"BlockEntered","time":1795889932.9720192,"execution_id":"recorded","key":"block","block":"actions","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79588993297201919554e+09,'TASK_READY','risky','{"type":"TaskReady","time":1795889932.9720192,"execution_id":"recorded","key":"risky","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79588993297201919554e+09,'TASK_STARTED','risky','{"type":"TaskStarted","time":1795889932.9720192,"execution_id":"recorded","key":"risky","attempt":1,"goal_id":"7e56ad9e-5948-55a9-a31f-599f3f5890fc","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79588993298748540879e+09,'TASK_ACCEPTED','risky','{"type":"TaskAccepted","time":1795889932.9874854,"execution_id":"recorded","key":"risky","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79588993298752880095e+09,'TASK_ATTEMPT_FAILED','risky','{"type":"TaskAttemptFailed","time":1795889932.9875288,"execution_id":"recorded","key":"risky","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79588993298752880095e+09,'TASK_FAILED','risky','{"type":"TaskFailed","time":1795889932.9875288,"execution_id":"recorded","key":"risky","attempt":1,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79588993298752880095e+09,'DEAD_LETTER_ADDED','risky','{"type":"DeadLetterAdded","time":1795889932.9875288,"execution_id":"recorded","key":"risky","attempt":1,"dead_letter_id":"recorded/risky/1","action_type":"work","action":{"id":"risky","action_type":"work","depends_on":[]},"parameters":{},"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"retry_after":1795889942.9875288,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79588993298752880095e+09,'BLOCK_ABORTED','block','{"type":"BlockAborted","time":1795889932.9875288,"execution_id":"recorded","key":"block","cause":"failure","reason":"risky failed","schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79588993298752880095e+09,'BLOCK_ENTERED','block','{"type":"BlockEntered","time":1795889932.9875288,"execution_id":"recorded","key":"block","block":"catch[0]","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79588993298752880095e+09,'TASK_READY','mend','{"type":"TaskReady","time":1795889932.9875288,"execution_id":"recorded","key":"mend","schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79588993298752880095e+09,'TASK_STARTED','mend','{"type":"TaskStarted","time":1795889932.9875288,"execution_id":"recorded","key":"mend","attempt":1,"goal_id":"ae65831d-ca69-5940-a715-f6cd5a1b80be","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79588993298803210256e+09,'TASK_ACCEPTED','mend','{"type":"TaskAccepted","time":1795889932.988032,"execution_id":"recorded","key":"mend","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79588993297201919554e+09,NULL,'','try');
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
