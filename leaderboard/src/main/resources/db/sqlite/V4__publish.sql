-- What others may see. Of results that were added before, no more than hashes: nobody was asked.
ALTER TABLE task_result ADD COLUMN publish_documents TEXT NOT NULL DEFAULT 'hashes';
ALTER TABLE task_result ADD COLUMN publish_answers TEXT NOT NULL DEFAULT 'hashes';
