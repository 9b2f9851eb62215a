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
INSERT INTO "event" VALUES(1,'',1.7959454436643855572e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945443.6643856,"steady":3735.189818623,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594544366928792001e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945443.669288,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"loop","action_type":"foreach","depends_on":[],"items":["a","b","c"],"mode":"parallel","max_parallel":2,"actions":[{"id":"each","action_type":"work","depends_on":[],"parameters":{"what":"{{ item }}"}}]}],"signals":{}},"command":"foreach_parallel","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594544366928792001e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945443.669288,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594544366928792001e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945443.669288,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594544366928792001e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945443.669288,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594544366928792001e+09,'BLOCK_ENTERED','loop','{"type":"BlockEntered","time":1795945443.669288,"execution_id":"recorded","key":"loop","block":"actions","index":0,"items":["a","b","c"],"schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594544366928792001e+09,'TASK_READY','loop[0]/each','{"type":"TaskReady","time":1795945443.669288,"execution_id":"recorded","key":"loop[0]/each","parameters":{"what":"a"},"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594544366928792001e+09,'BLOCK_ENTERED','loop','{"type":"BlockEntered","time":1795945443.669288,"execution_id":"recorded","key":"loop","block":"actions","index":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594544366928792001e+09,'TASK_READY','loop[1]/each','{"type":"TaskReady","time":1795945443.669288,"execution_id":"recorded","key":"loop[1]/each","parameters":{"what":"b"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594544366928792001e+09,'TASK_STARTED','loop[0]/each','{"type":"TaskStarted","time":1795945443.669288,"execution_id":"recorded","key":"loop[0]/each","attempt":1,"goal_id":"0359918f-c710-5f39-b891-21637d645668","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79594544366928792001e+09,'TASK_STARTED','loop[1]/each','{"type":"TaskStarted","time":1795945443.669288,"execution_id":"recorded","key":"loop[1]/each","attempt":1,"goal_id":"48d9db52-5116-5302-bdd1-05c2345c5ba8","breaker_wait":0.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594544366928792001e+09,NULL,'','foreach_parallel');
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
