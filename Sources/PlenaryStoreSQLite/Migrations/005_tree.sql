-- The complete subtrees of the tree over the audit (RFC 6962) that have 256 rows or more; the smaller ones are computed.
CREATE TABLE tree(
  level INTEGER NOT NULL,         -- it is over 2^level rows
  number INTEGER NOT NULL,        -- which one of its level it is, counted from 0
  rev INTEGER NOT NULL,           -- the last of its rows
  hash BLOB NOT NULL,
  PRIMARY KEY(level, number)
) WITHOUT ROWID;
