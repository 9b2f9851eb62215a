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
INSERT INTO "event" VALUES(1,'',1.79598341647987318038e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795983416.4798732,"steady":659.415243465,"boot_id":"e391b92a-4bd4-4c8c-ab70-dbfa8efe192c","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79598341649350023269e+09,'EXECUTION_REQUESTED','','{"type":"ExecutionRequested","time":1795983416.4935002,"execution_id":"recorded","goal":{"command":"planning"},"options":{},"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79598341649350023269e+09,'PLANNING_STARTED','','{"type":"PlanningStarted","time":1795983416.4935002,"execution_id":"recorded","run_id":"recorded/plan/1","until":1795984016.4935002,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79598341649350023269e+09,NULL,'','planning','','','');
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
