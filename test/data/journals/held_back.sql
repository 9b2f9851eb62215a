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
INSERT INTO "event" VALUES(1,'',1.79598352530717301372e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983525.307173,"steady":768.242543155,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598352531927943232e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983525.3192794,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"]}],"signals":{}},"command":"held_back","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598352531927943232e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983525.3192794,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598352531927943232e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983525.3192794,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598352531927943232e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983525.3192794,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598352531927943232e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983525.3192794,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598352531927943232e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983525.3192794,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598352532282543175e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983525.3228254,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79598352532287096981e+09,'TASK_COMPLETED','first','{"type":"TaskCompleted","time":1795983525.322871,"execution_id":"recorded","key":"first","attempt":1,"output":{"did":"first"},"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79598352532287096981e+09,'TASK_READY','second','{"type":"TaskReady","time":1795983525.322871,"execution_id":"recorded","key":"second","schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79598352532287096981e+09,'TASK_STARTED','second','{"type":"TaskStarted","time":1795983525.322871,"execution_id":"recorded","key":"second","attempt":1,"goal_id":"022233ca-4801-5e41-b2db-f36d572b1898","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79598352532322287555e+09,'TASK_ACCEPTED','second','{"type":"TaskAccepted","time":1795983525.3232229,"execution_id":"recorded","key":"second","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(13,'drive',1.79598352532333898536e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983525.323339,"execution_id":"drive","plan":{"version":1,"actions":[{"id":"go","action_type":"work","depends_on":[],"server":"nav"}]},"options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(14,'drive',1.79598352532333898536e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983525.323339,"execution_id":"drive","schema":2}');
INSERT INTO "event" VALUES(15,'drive',1.79598352532333898536e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983525.323339,"execution_id":"drive","schema":2}');
INSERT INTO "event" VALUES(16,'drive',1.79598352532333898536e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983525.323339,"execution_id":"drive","block":"actions","schema":2}');
INSERT INTO "event" VALUES(17,'drive',1.79598352532333898536e+09,'TASK_READY','go','{"type":"TaskReady","time":1795983525.323339,"execution_id":"drive","key":"go","reason":"an operator drives","schema":2}');
INSERT INTO "event" VALUES(18,'drive',1.79598352532333898536e+09,'TASK_HELD_BACK','go','{"type":"TaskHeldBack","time":1795983525.323339,"execution_id":"drive","key":"go","code":"GOAL_TAKEN_OVER","reason":"an operator drives","until":1795983825.323339,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598352531927943232e+09,NULL,'','held_back','','','');
INSERT INTO "execution" VALUES('drive',13,NULL,1.79598352532333898536e+09,NULL,'','','','','');
CREATE TABLE pruned (
	first INTEGER NOT NULL, 
	last INTEGER NOT NULL, 
	execution_id TEXT NOT NULL, 
	PRIMARY KEY (first)
);
CREATE INDEX event_lasting ON event (seq) WHERE (execution_id = '' OR type IN ('DEAD_LETTER_ADDED', 'DEAD_LETTER_CHANGED'));
CREATE INDEX event_commands ON event (seq) WHERE type IN ('COMMAND_GIVEN', 'EXECUTION_REQUESTED', 'REQUEST_REFUSED');
CREATE INDEX execution_ended ON execution (ended);
CREATE INDEX execution_first ON execution (first);
COMMIT;
