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
INSERT INTO "event" VALUES(1,'',1.79598352766778016085e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983527.6677802,"steady":770.603149981,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598352768102264404e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983527.6810226,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[],"rate_limit":1.0},{"id":"second","action_type":"work","depends_on":[],"rate_limit":1.0}],"signals":{}},"command":"rate_limited","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598352768102264404e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983527.6810226,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598352768102264404e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983527.6810226,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598352768102264404e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983527.6810226,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598352768102264404e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983527.6810226,"execution_id":"recorded","key":"first","reason":"work may start 1 times a second","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598352768102264404e+09,'TASK_READY','second','{"type":"TaskReady","time":1795983527.6810226,"execution_id":"recorded","key":"second","reason":"work may start 1 times a second","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598352768102264404e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983527.6810226,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598352768102264404e+09,NULL,'','rate_limited','','','');
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
