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
INSERT INTO "event" VALUES(1,'',1.7959454712703866959e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945471.2703867,"steady":3762.795819735,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594547128890514369e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945471.2889051,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"]},{"id":"third","action_type":"work","depends_on":["second"]}],"signals":{}},"command":"restored","options":{"checkpoint_every":1},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594547128890514369e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945471.2889051,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594547128890514369e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945471.2889051,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594547128890514369e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945471.2889051,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594547128890514369e+09,'TASK_READY','first','{"type":"TaskReady","time":1795945471.2889051,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594547128890514369e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795945471.2889051,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594547129292941099e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795945471.2929294,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1795945471.29297,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795945471.29297,"execution_id":"recorded","key":"first","attempt":1,"output":{"did":"first"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1795945471.29297,'CHECKPOINT_CREATED','','{"type":"CheckpointCreated","time":1795945471.29297,"execution_id":"recorded","checkpoint_id":"recorded#1","reason":"every 1 action","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1795945471.29297,'TASK_READY','second','{"type":"TaskReady","time":1795945471.29297,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1795945471.29297,'TASK_STARTED','second','{"type":"TaskStarted","time":1795945471.29297,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79594547129330277439e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795945471.2933028,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79594547129341578482e+09,'EXECUTION_CANCEL_REQUESTED','','{"type":"ExecutionCancelRequested","time":1795945471.2934158,"execution_id":"recorded","cause":"restore","reason":"somebody asked to restore a checkpoint","checkpoint_id":"recorded#1","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79594547129341578482e+09,'BLOCK_ABORTED','','{"type":"BlockAborted","time":1795945471.2934158,"execution_id":"recorded","cause":"cancel","reason":"somebody asked to restore a checkpoint","schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79594547129341578482e+09,'TASK_CANCEL_REQUESTED','second','{"type":"TaskCancelRequested","time":1795945471.2934158,"execution_id":"recorded","key":"second","attempt":1,"intent":"cancel","goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","until":1795945481.2934158,"reason":"somebody asked to restore a checkpoint","schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79594547129341578482e+09,'TASK_SKIPPED','third','{"type":"TaskSkipped","time":1795945471.2934158,"execution_id":"recorded","key":"third","cause":"ended","reason":"somebody asked to restore a checkpoint","schema":2}');
INSERT INTO "event" VALUES(18,'',1.79594548130928158757e+09,'GOAL_QUARANTINED','','{"type":"GoalQuarantined","time":1795945481.3092816,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","owner":"recorded","action":"second","number":1,"capability":"work","accepted":true,"reason":"its server did not confirm the cancel in 10 s","schema":2}');
INSERT INTO "event" VALUES(19,'recorded',1.79594548130928158757e+09,'TASK_CANCELLED','second','{"type":"TaskCancelled","time":1795945481.3092816,"execution_id":"recorded","key":"second","attempt":1,"reason":"somebody asked to restore a checkpoint (its server did not confirm the cancel in 10 s; the robot may still be moving)","confirmed":false,"schema":2}');
INSERT INTO "event" VALUES(20,'recorded',1.79594548130928158757e+09,'CHECKPOINT_RESTORED','','{"type":"CheckpointRestored","time":1795945481.3092816,"execution_id":"recorded","checkpoint_id":"recorded#1","schema":2}');
INSERT INTO "event" VALUES(21,'recorded',1.79594548130928158757e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945481.3092816,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(22,'recorded',1.79594548130928158757e+09,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795945481.3092816,"execution_id":"recorded","key":"first","output":{"did":"first"},"reason":"was done before","schema":2}');
INSERT INTO "event" VALUES(23,'recorded',1.79594548130928158757e+09,'CHECKPOINT_CREATED','','{"type":"CheckpointCreated","time":1795945481.3092816,"execution_id":"recorded","checkpoint_id":"recorded#2","reason":"every 1 action","schema":2}');
INSERT INTO "event" VALUES(24,'recorded',1.79594548130928158757e+09,'TASK_READY','second','{"type":"TaskReady","time":1795945481.3092816,"execution_id":"recorded","key":"second","reason":"must not be done twice, and an earlier goal may still run: see the quarantine","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594547128890514369e+09,NULL,'','restored');
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
