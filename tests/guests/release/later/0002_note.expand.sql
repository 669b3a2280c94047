ALTER TABLE writes ADD COLUMN note text;
