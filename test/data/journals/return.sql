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
INSERT INTO "event" VALUES(1,'',1.79591597492984867095e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795915974.9298487,"steady":45386.598772057,"boot_id":"0a8bc0d6-948c-470c-be4d-197e680b0918","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79591597495857143405e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795915974.9585714,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"inner","action_type":"subplan","depends_on":[],"plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"]},{"id":"end","action_type":"return","depends_on":["second"],"value":1},{"id":"never","action_type":"work","depends_on":["end"]}]},"inputs":{},"outputs":{}}],"signals":{}},"command":"return","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79591597495857143405e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795915974.9585714,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79591597495857143405e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795915974.9585714,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79591597495857143405e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795915974.9585714,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79591597495857143405e+09,'BLOCK_ENTERED','inner','{"type":"BlockEntered","time":1795915974.9585714,"execution_id":"recorded","key":"inner","block":"actions","input":{},"schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79591597495857143405e+09,'TASK_READY','inner/first','{"type":"TaskReady","time":1795915974.9585714,"execution_id":"recorded","key":"inner/first","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79591597495857143405e+09,'TASK_STARTED','inner/first','{"type":"TaskStarted","time":1795915974.9585714,"execution_id":"recorded","key":"inner/first","attempt":1,"goal_id":"be2f6a7b-8831-56bd-b505-25909b0e9350","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79591597496438908575e+09,'TASK_ACCEPTED','inner/first','{"type":"TaskAccepted","time":1795915974.964389,"execution_id":"recorded","key":"inner/first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79591597496445059775e+09,'TASK_COMPLETED','inner/first','{"type":"TaskCompleted","time":1795915974.9644506,"execution_id":"recorded","key":"inner/first","attempt":1,"output":{"did":"inner/first"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79591597496445059775e+09,'TASK_READY','inner/second','{"type":"TaskReady","time":1795915974.9644506,"execution_id":"recorded","key":"inner/second","schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79591597496445059775e+09,'TASK_STARTED','inner/second','{"type":"TaskStarted","time":1795915974.9644506,"execution_id":"recorded","key":"inner/second","attempt":1,"goal_id":"607ec0dd-6ded-5e90-9597-55cbd5d98843","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79591597496477103227e+09,'TASK_ACCEPTED','inner/second','{"type":"TaskAccepted","time":1795915974.964771,"execution_id":"recorded","key":"inner/second","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79591597495857143405e+09,NULL,'','return');
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
