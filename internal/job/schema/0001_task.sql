CREATE TABLE job_task (
	id        @identity,
	kind      @text NOT NULL,
	args      @text NOT NULL,              -- JSON
	ukey      @text NOT NULL,              -- at most one unfinished task has this key; '' means any number
	state     @text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
	due_at    @int NOT NULL,               -- waiting: not to begin before; running: taken over when its worker has not been heard of until then
	holder    @int NOT NULL DEFAULT 0,     -- which program runs it
	attempt   @int NOT NULL DEFAULT 0,     -- 1 for the first; also tells a slow worker that another has taken over
	stage     @text NOT NULL DEFAULT '',
	done      @int NOT NULL DEFAULT 0,
	total     @int NOT NULL DEFAULT 0,     -- 0: not known
	error     @text NOT NULL DEFAULT '',   -- what went wrong the last time
	for_people @int NOT NULL DEFAULT 0,    -- 1: error is a sentence that its owner may read
	made_at   @int NOT NULL,
	began_at  @int NOT NULL DEFAULT 0,
	ended_at  @int NOT NULL DEFAULT 0
) @strict;
CREATE INDEX job_task_due ON job_task (due_at) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX job_task_key ON job_task (ukey) WHERE ukey <> '' AND state IN ('waiting', 'running');
CREATE INDEX job_task_ended ON job_task (ended_at) WHERE ended_at > 0;
