-- Append-only. Text keys are content hashes; JSON columns hold records as their rooms write them.
CREATE TABLE entry (
  number INTEGER PRIMARY KEY,
  entry_key TEXT NOT NULL UNIQUE,
  content TEXT NOT NULL,
  name TEXT NOT NULL,
  base TEXT NOT NULL,
  base_name TEXT NOT NULL,
  adapter TEXT NOT NULL,
  chat_template TEXT NOT NULL,
  recipe TEXT NOT NULL,
  versions TEXT NOT NULL,
  lineage TEXT NOT NULL,
  evaluated TEXT NOT NULL,
  seconds DOUBLE PRECISION NOT NULL,
  added BIGINT NOT NULL
);

CREATE TABLE task_result (
  entry_number INTEGER NOT NULL REFERENCES entry (number),
  position INTEGER NOT NULL,
  task TEXT NOT NULL,
  version TEXT NOT NULL,
  shots INTEGER NOT NULL,
  task_hash TEXT NOT NULL,
  primary_metric TEXT NOT NULL,
  config TEXT NOT NULL,
  PRIMARY KEY (entry_number, task)
);

CREATE TABLE metric (
  entry_number INTEGER NOT NULL,
  task TEXT NOT NULL,
  position INTEGER NOT NULL,
  metric_key TEXT NOT NULL,
  value DOUBLE PRECISION,
  standard_error DOUBLE PRECISION,
  higher_is_better INTEGER NOT NULL,
  documents INTEGER NOT NULL,
  PRIMARY KEY (entry_number, task, metric_key),
  FOREIGN KEY (entry_number, task) REFERENCES task_result (entry_number, task)
);

CREATE TABLE sample (
  entry_number INTEGER NOT NULL,
  task TEXT NOT NULL,
  position INTEGER NOT NULL,
  doc_id BIGINT NOT NULL,
  doc_hash TEXT NOT NULL,
  target_hash TEXT NOT NULL,
  prompt TEXT NOT NULL,
  target TEXT NOT NULL,
  answer TEXT NOT NULL,
  scores TEXT NOT NULL,
  PRIMARY KEY (entry_number, task, position),
  FOREIGN KEY (entry_number, task) REFERENCES task_result (entry_number, task)
);

CREATE TRIGGER entry_never_changes BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries never change'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries stay'); END;
