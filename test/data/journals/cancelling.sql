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
INSERT INTO "event" VALUES(1,'',1.7959454969001960754e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945496.900196,"steady":3788.42562928,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594549690688395503e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945496.906884,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"]}],"signals":{}},"command":"cancelling","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594549690688395503e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945496.906884,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594549690688395503e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945496.906884,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594549690688395503e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945496.906884,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594549690688395503e+09,'TASK_READY','first','{"type":"TaskReady","time":1795945496.906884,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594549690688395503e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795945496.906884,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594549691588115688e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795945496.9158812,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594549691609573363e+09,'EXECUTION_CANCEL_REQUESTED','','{"type":"ExecutionCancelRequested","time":1795945496.9160957,"execution_id":"recorded","reason":"somebody cancelled it","schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594549691609573363e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795945496.9160957,"execution_id":"recorded","cause":"cancel","reason":"somebody cancelled it","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79594549691609573363e+09,'TASK_CANCEL_REQUESTED','first','{"type":"TaskCancelRequested","time":1795945496.9160957,"execution_id":"recorded","key":"first","attempt":1,"intent":"cancel","goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","until":1795945506.9160957,"reason":"somebody cancelled it","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79594549691609573363e+09,'TASK_SKIPPED','second','{"type":"TaskSkipped","time":1795945496.9160957,"execution_id":"recorded","key":"second","cause":"ended","reason":"somebody cancelled it","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594549690688395503e+09,NULL,'','cancelling');
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
