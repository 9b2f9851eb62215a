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
INSERT INTO "event" VALUES(1,'',1.79591591697733068467e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795915916.9773307,"steady":45328.646254276,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79591591701939821239e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795915917.0193982,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"guard":"size(objects) > 0","on_guard_failed":"wait"}],"signals":{}},"command":"guard_waits","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79591591701939821239e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795915917.0193982,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79591591701939821239e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795915917.0193982,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79591591701939821239e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795915917.0193982,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79591591701939821239e+09,'GUARD_FAILED','first','{"type":"GuardFailed","time":1795915917.0193982,"execution_id":"recorded","key":"first","policy":"wait","reason":"size(objects) > 0 does not hold","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79591591701939821239e+09,'TASK_WAITING','first','{"type":"TaskWaiting","time":1795915917.0193982,"execution_id":"recorded","key":"first","kind":"guard","reason":"waits until size(objects) > 0","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79591591701939821239e+09,NULL,'','guard_waits');
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
