-- What the entries of the index are made by. While the records are given the entries of another declaration, `index_form`
-- is null, and `index_done` is the last key that has those of `index_goal`.
ALTER TABLE meta ADD COLUMN index_form BLOB;
ALTER TABLE meta ADD COLUMN index_goal BLOB;
ALTER TABLE meta ADD COLUMN index_done TEXT;
