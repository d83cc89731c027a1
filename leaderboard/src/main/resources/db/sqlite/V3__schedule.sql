-- Scheduled evaluations. Times are milliseconds since 1970, UTC.
CREATE TABLE job (
  name TEXT PRIMARY KEY,
  cron TEXT NOT NULL,
  zone TEXT NOT NULL,
  directory TEXT NOT NULL,
  arguments TEXT NOT NULL,
  baseline TEXT NOT NULL REFERENCES entry (entry_key),
  next_due BIGINT NOT NULL
);

CREATE TABLE job_run (
  job TEXT NOT NULL REFERENCES job (name) ON DELETE CASCADE,
  due BIGINT NOT NULL,
  started BIGINT NOT NULL,
  setbacks INTEGER NOT NULL,
  state TEXT NOT NULL,
  finished BIGINT,
  exit_code INTEGER,
  sentence TEXT NOT NULL,
  entry_key TEXT REFERENCES entry (entry_key),
  pid BIGINT,
  pid_started BIGINT,
  PRIMARY KEY (job, due)
);

-- The key is the promise: a run gives one verdict a task.
CREATE TABLE job_verdict (
  job TEXT NOT NULL,
  due BIGINT NOT NULL,
  task TEXT NOT NULL,
  position INTEGER NOT NULL,
  label TEXT NOT NULL,
  sentence TEXT NOT NULL,
  PRIMARY KEY (job, due, task),
  FOREIGN KEY (job, due) REFERENCES job_run (job, due) ON DELETE CASCADE
);

CREATE TRIGGER job_is_a_change AFTER INSERT ON job
BEGIN UPDATE board_change SET number = number + 1; END;
CREATE TRIGGER job_removed_is_a_change AFTER DELETE ON job
BEGIN UPDATE board_change SET number = number + 1; END;
CREATE TRIGGER job_run_is_a_change AFTER INSERT ON job_run
BEGIN UPDATE board_change SET number = number + 1; END;
CREATE TRIGGER job_run_updated_is_a_change AFTER UPDATE ON job_run
BEGIN UPDATE board_change SET number = number + 1; END;

-- db-scheduler 16. It keeps times of SQLite as milliseconds.
CREATE TABLE scheduled_tasks (
  task_name TEXT NOT NULL,
  task_instance TEXT NOT NULL,
  task_data BLOB,
  execution_time TIMESTAMP NOT NULL,
  picked BOOLEAN NOT NULL,
  picked_by TEXT,
  last_success TIMESTAMP,
  last_failure TIMESTAMP,
  consecutive_failures INTEGER,
  last_heartbeat TIMESTAMP,
  version BIGINT NOT NULL,
  priority SMALLINT,
  PRIMARY KEY (task_name, task_instance)
);
CREATE INDEX execution_time_idx ON scheduled_tasks (execution_time);
CREATE INDEX last_heartbeat_idx ON scheduled_tasks (last_heartbeat);
