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
INSERT INTO "event" VALUES(1,'',1.79594549292581272129e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945492.9258127,"steady":3784.451246129,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594549294334459308e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945492.9433446,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"first","action_type":"work","depends_on":[]},{"id":"second","action_type":"work","depends_on":["first"]}],"signals":{}},"command":"plan_confirmation","options":{"confirm_plan":true},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594549294334459308e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945492.9433446,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594549294334459308e+09,'CONFIRMATION_REQUESTED','','{"type":"ConfirmationRequested","time":1795945492.9433446,"execution_id":"recorded","question":"may this plan run: plan_confirmation?","schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594549294334459308e+09,NULL,'','plan_confirmation');
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
