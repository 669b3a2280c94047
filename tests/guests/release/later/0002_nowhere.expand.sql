ALTER TABLE nowhere ADD COLUMN note text;
