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
INSERT INTO "event" VALUES(1,'',1.79594544999347138398e+09,'CLOCK_ANCHORED','','{"type":"ClockAnchored","time":1795945449.9934714,"steady":3741.518904809,"boot_id":"4ae1bd2e-3659-4471-8af6-b39e660f41cc","passed":0.0,"schema":2}');
INSERT INTO "event" VALUES(2,'recorded',1.79594545000220370293e+09,'EXECUTION_ACCEPTED','','{"type":"ExecutionAccepted","time":1795945450.0022037,"execution_id":"recorded","plan":{"version":1,"actions":[{"id":"block","action_type":"try","depends_on":[],"actions":[{"id":"risky","action_type":"work","depends_on":[]}],"catch":[],"on_error":"propagate","finally":[{"id":"tidy","action_type":"work","depends_on":[]}]}],"signals":{}},"command":"finally","options":{},"logic":["left_out_is_partial","goes_on_where_it_was","lost_goal_waits"],"schema":2}');
INSERT INTO "event" VALUES(3,'recorded',1.79594545000220370293e+09,'EXECUTION_ADMITTED','','{"type":"ExecutionAdmitted","time":1795945450.0022037,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(4,'recorded',1.79594545000220370293e+09,'EXECUTION_STARTED','','{"type":"ExecutionStarted","time":1795945450.0022037,"execution_id":"recorded","schema":2}');
INSERT INTO "event" VALUES(5,'recorded',1.79594545000220370293e+09,'BLOCK_ENTERED','','{"type":"BlockEntered","time":1795945450.0022037,"execution_id":"recorded","block":"actions","schema":2}');
INSERT INTO "event" VALUES(6,'recorded',1.79594545000220370293e+09,'BLOCK_ENTERED','block','{"type":"BlockEntered","time":1795945450.0022037,"execution_id":"recorded","key":"block","block":"actions","schema":2}');
INSERT INTO "event" VALUES(7,'recorded',1.79594545000220370293e+09,'TASK_READY','risky','{"type":"TaskReady","time":1795945450.0022037,"execution_id":"recorded","key":"risky","schema":2}');
INSERT INTO "event" VALUES(8,'recorded',1.79594545000220370293e+09,'TASK_STARTED','risky','{"type":"TaskStarted","time":1795945450.0022037,"execution_id":"recorded","key":"risky","attempt":1,"goal_id":"7e56ad9e-5948-55a9-a31f-599f3f5890fc","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(9,'recorded',1.79594545002272343641e+09,'TASK_ACCEPTED','risky','{"type":"TaskAccepted","time":1795945450.0227234,"execution_id":"recorded","key":"risky","attempt":1,"schema":2}');
INSERT INTO "event" VALUES(10,'recorded',1.79594545002278280255e+09,'TASK_ATTEMPT_FAILED','risky','{"type":"TaskAttemptFailed","time":1795945450.0227828,"execution_id":"recorded","key":"risky","attempt":1,"outcome":"aborted","error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(11,'recorded',1.79594545002278280255e+09,'TASK_FAILED','risky','{"type":"TaskFailed","time":1795945450.0227828,"execution_id":"recorded","key":"risky","attempt":1,"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"schema":2}');
INSERT INTO "event" VALUES(12,'recorded',1.79594545002278280255e+09,'DEAD_LETTER_ADDED','risky','{"type":"DeadLetterAdded","time":1795945450.0227828,"execution_id":"recorded","key":"risky","attempt":1,"dead_letter_id":"recorded/risky/1","action_type":"work","action":{"id":"risky","action_type":"work","depends_on":[]},"parameters":{},"error":{"type":"EXECUTION","code":"EXECUTION_X","message":"it broke"},"retry_after":1795945460.0227828,"schema":2}');
INSERT INTO "event" VALUES(13,'recorded',1.79594545002278280255e+09,'BLOCK_ABORTED','block','{"type":"BlockAborted","time":1795945450.0227828,"execution_id":"recorded","key":"block","cause":"failure","reason":"risky failed","schema":2}');
INSERT INTO "event" VALUES(14,'recorded',1.79594545002278280255e+09,'BLOCK_ENTERED','block','{"type":"BlockEntered","time":1795945450.0227828,"execution_id":"recorded","key":"block","block":"finally","schema":2}');
INSERT INTO "event" VALUES(15,'recorded',1.79594545002278280255e+09,'TASK_READY','tidy','{"type":"TaskReady","time":1795945450.0227828,"execution_id":"recorded","key":"tidy","schema":2}');
INSERT INTO "event" VALUES(16,'recorded',1.79594545002278280255e+09,'TASK_STARTED','tidy','{"type":"TaskStarted","time":1795945450.0227828,"execution_id":"recorded","key":"tidy","attempt":1,"goal_id":"89282aac-9eca-5da2-914e-725114bdc160","breaker_wait":0.0,"schema":2}');
INSERT INTO "event" VALUES(17,'recorded',1.79594545002339339256e+09,'TASK_ACCEPTED','tidy','{"type":"TaskAccepted","time":1795945450.0233934,"execution_id":"recorded","key":"tidy","attempt":1,"schema":2}');
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
INSERT INTO "execution" VALUES('recorded',2,NULL,1.79594545000220370293e+09,NULL,'','finally');
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
