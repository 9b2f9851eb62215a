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
INSERT INTO "event" VALUES(1,'',1.79591596888127231603e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795915968.8812723,"steady":45380.55019558,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79591596891138863562e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795915968.9113886,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"block","action_type":"parallel","depends_on":[],"needed":1,"race":true,"on_first_failure":"finish","actions":[{"id":"left","action_type":"work","depends_on":[]},{"id":"right","action_type":"work","depends_on":[]}]}],"signals":{}},"command":"race","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79591596891138863562e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795915968.9113886,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79591596891138863562e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795915968.9113886,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79591596891138863562e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795915968.9113886,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79591596891138863562e+09,'BLOCK_ENTERED','block','{"type":"BlockEntered","time":1795915968.9113886,"execution_id":"recorded","key":"block","block":"actions","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79591596891138863562e+09,'TASK_READY','left','{"type":"TaskReady","time":1795915968.9113886,"execution_id":"recorded","key":"left","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79591596891138863562e+09,'TASK_READY','right','{"type":"TaskReady","time":1795915968.9113886,"execution_id":"recorded","key":"right","schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79591596891138863562e+09,'TASK_STARTED','left','{"type":"TaskStarted","time":1795915968.9113886,"execution_id":"recorded","key":"left","attempt":1,"goal_id":"c2902ab6-f399-5e57-8a06-6a149a348b2b","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79591596891138863562e+09,'TASK_STARTED','right','{"type":"TaskStarted","time":1795915968.9113886,"execution_id":"recorded","key":"right","attempt":1,"goal_id":"ef4ebe1a-95b1-5f48-b47a-1791a9c01da4","breaker_wait":0.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79591596891138863562e+09,NULL,'','race');
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
