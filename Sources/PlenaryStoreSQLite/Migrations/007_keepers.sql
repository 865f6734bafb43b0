-- Versions that are confined have a marking of their own: the one that they had, and the originator to whom they are confined.
CREATE TABLE acl_next(
  id INTEGER PRIMARY KEY,
  label INTEGER NOT NULL,
  originator TEXT NOT NULL,
  detail BLOB NOT NULL,
  keeper TEXT                     -- null if it confines to nobody
);
INSERT INTO acl_next SELECT id, label, originator, detail, NULL FROM acl;
DROP TABLE acl;
ALTER TABLE acl_next RENAME TO acl;
CREATE UNIQUE INDEX acl_values ON acl(label, originator, detail, keeper IS NULL, ifnull(keeper, ''));
