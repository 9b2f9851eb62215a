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
INSERT INTO "event" VALUES(1,'',1.79591589163480615611e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795915891.6348062,"steady":45303.303729757,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79591589165536570553e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795915891.6553657,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"wait","action_type":"wait_for_signal","depends_on":["first"],"signal":"door"}],"signals":{"door":{"type":"string"}}},"command":"signal_before_its_wait","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79591589165536570553e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795915891.6553657,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79591589165536570553e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795915891.6553657,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79591589165536570553e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795915891.6553657,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79591589165536570553e+09,'TASK_READY','first','{"type":"TaskReady","time":1795915891.6553657,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79591589165536570553e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795915891.6553657,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79591589165794301031e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795915891.657943,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79591589165805506703e+09,'SIGNAL_RECEIVED','','{"type":"SignalReceived","time":1795915891.658055,"execution_id":"recorded","name":"door","value":"left","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79591589165536570553e+09,NULL,'','signal_before_its_wait');
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
