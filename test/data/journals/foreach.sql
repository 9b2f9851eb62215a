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
INSERT INTO "event" VALUES(1,'',1.79588993266608333587e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795889932.6660833,"steady":19344.335006818,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79588993269152736665e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795889932.6915274,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"loop","action_type":"foreach","depends_on":[],"items":["a","b","c"],"mode":"sequential","actions":[{"id":"each","action_type":"work","depends_on":[],"parameters":{"what":"{{ item }}"}}]}]},"command":"foreach","options":{},"logic":["left_out_is_partial"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79588993269152736665e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795889932.6915274,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79588993269152736665e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795889932.6915274,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79588993269152736665e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795889932.6915274,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79588993269152736665e+09,'BLOCK_ENTERED','loop','{"type":"BlockEntered","time":1795889932.6915274,"execution_id":"recorded","key":"loop","block":"actions","index":0,"items":["a","b","c"],"schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79588993269152736665e+09,'TASK_READY','loop[0]/each','{"type":"TaskReady","time":1795889932.6915274,"execution_id":"recorded","key":"loop[0]/each","parameters":{"what":"a"},"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79588993269152736665e+09,'TASK_STARTED','loop[0]/each','{"type":"TaskStarted","time":1795889932.6915274,"execution_id":"recorded","key":"loop[0]/each","attempt":1,"goal_id":"0359918f-c710-5f39-b891-21637d645668","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.7958899326948373318e+09,'TASK_ACCEPTED','loop[0]/each','{"type":"TaskAccepted","time":1795889932.6948373,"execution_id":"recorded","key":"loop[0]/each","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79588993269485068318e+09,'TASK_COMPLETED','loop[0]/each','{"type":"TaskCompleted","time":1795889932.6948507,"execution_id":"recorded","key":"loop[0]/each","attempt":1,"output":{"did":"loop[0]/each"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79588993269485068318e+09,'BLOCK_ENTERED','loop','{"type":"BlockEntered","time":1795889932.6948507,"execution_id":"recorded","key":"loop","block":"actions","index":1,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79588993269485068318e+09,'TASK_READY','loop[1]/each','{"type":"TaskReady","time":1795889932.6948507,"execution_id":"recorded","key":"loop[1]/each","parameters":{"what":"b"},"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79588993269485068318e+09,'TASK_STARTED','loop[1]/each','{"type":"TaskStarted","time":1795889932.6948507,"execution_id":"recorded","key":"loop[1]/each","attempt":1,"goal_id":"48d9db52-5116-5302-bdd1-05c2345c5ba8","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.7958899327034406662e+09,'TASK_ACCEPTED','loop[1]/each','{"type":"TaskAccepted","time":1795889932.7034407,"execution_id":"recorded","key":"loop[1]/each","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79588993269152736665e+09,NULL,'','foreach');
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
