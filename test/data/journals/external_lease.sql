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
INSERT INTO "event" VALUES(1,'',1.79598375454604887967e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983754.5460489,"steady":997.481419147,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598375455692124366e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795983754.5569212,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"],"resources":[{"resource":"arm"}]}],"signals":{}},"command":"external_lease","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits","half_done_is_not_kept"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598375455692124366e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795983754.5569212,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79598375455692124366e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795983754.5569212,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79598375455692124366e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795983754.5569212,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79598375455692124366e+09,'TASK_READY','first','{"type":"TaskReady","time":1795983754.5569212,"execution_id":"recorded","key":"first","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79598375455692124366e+09,'TASK_STARTED','first','{"type":"TaskStarted","time":1795983754.5569212,"execution_id":"recorded","key":"first","attempt":1,"goal_id":"af541d94-299b-54d1-80a0-e8c272fc32f9","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79598375455944037439e+09,'TASK_ACCEPTED','first','{"type":"TaskAccepted","time":1795983754.5594404,"execution_id":"recorded","key":"first","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(9,'',1.79598375455953836437e+09,'RESOURCE_ALLOCATED','a','{"type":"ResourceAllocated","time":1795983754.5595384,"key":"a","leases":[{"lease_id":"lease/a/0","resource":"arm","amount":1.0,"rate":0.0}],"holder":"a person","until":1795983754.7595384,"request_id":"a","schema":2}');
INSERT INTO "event" VALUES(10,'',1.79598375455968856809e+09,'LEASE_REQUESTED','','{"type":"LeaseRequested","time":1795983754.5596886,"request_id":"b","demands":[{"resource":"arm"}],"holder":"another","until":1795983754.7596886,"duration":0.0,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598375455692124366e+09,NULL,'','external_lease','','','');
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
