-- Whether the model was trained on the document. Of results that were added before, nobody looked.
ALTER TABLE sample ADD COLUMN exposure TEXT NOT NULL DEFAULT 'unchecked';
