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
INSERT INTO "event" VALUES(1,'',1.7959454379242348671e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945437.9242349,"steady":3729.449667861,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594543793775272364e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945437.9377527,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"rounds","action_type":"foreach","depends_on":[],"loop":"while","items":[0,1,2,3],"mode":"sequential","until":null,"actions":[{"id":"each","action_type":"work","depends_on":[]}],"while":"index < 3"}],"signals":{}},"command":"while","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594543793775272364e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945437.9377527,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594543793775272364e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945437.9377527,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594543793775272364e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945437.9377527,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594543793775272364e+09,'BLOCK_ENTERED','rounds','{"type":"BlockEntered","time":1795945437.9377527,"execution_id":"recorded","key":"rounds","block":"actions","index":0,"items":[0,1,2,3],"schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594543793775272364e+09,'TASK_READY','rounds[0]/each','{"type":"TaskReady","time":1795945437.9377527,"execution_id":"recorded","key":"rounds[0]/each","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594543793775272364e+09,'TASK_STARTED','rounds[0]/each','{"type":"TaskStarted","time":1795945437.9377527,"execution_id":"recorded","key":"rounds[0]/each","attempt":1,"goal_id":"25f77754-b66b-5074-a021-5805bd221bca","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594543794209456446e+09,'TASK_ACCEPTED','rounds[0]/each','{"type":"TaskAccepted","time":1795945437.9420946,"execution_id":"recorded","key":"rounds[0]/each","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594543795499610901e+09,'TASK_COMPLETED','rounds[0]/each','{"type":"TaskCompleted","time":1795945437.954996,"execution_id":"recorded","key":"rounds[0]/each","attempt":1,"output":{"did":"rounds[0]/each"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79594543795499610901e+09,'BLOCK_ENTERED','rounds','{"type":"BlockEntered","time":1795945437.954996,"execution_id":"recorded","key":"rounds","block":"actions","index":1,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79594543795499610901e+09,'TASK_READY','rounds[1]/each','{"type":"TaskReady","time":1795945437.954996,"execution_id":"recorded","key":"rounds[1]/each","schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79594543795499610901e+09,'TASK_STARTED','rounds[1]/each','{"type":"TaskStarted","time":1795945437.954996,"execution_id":"recorded","key":"rounds[1]/each","attempt":1,"goal_id":"a61c655f-2872-586c-a198-254497ef6004","breaker_wait":0.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594543793775272364e+09,NULL,'','while');
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
