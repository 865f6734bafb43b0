-- One row: which store this is, and where it stands.
CREATE TABLE meta(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  store_id BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  rev INTEGER NOT NULL,           -- the last revision
  compacted INTEGER NOT NULL,     -- history up to here may be gone
  chain BLOB NOT NULL,            -- the hash of the last audit row
  schema INTEGER NOT NULL,        -- the last migration done
  min_reader INTEGER NOT NULL     -- the least schema that a program must know to work here
);

-- Every version of every record; appended to, never changed but by a purge.
CREATE TABLE ver(
  rev INTEGER PRIMARY KEY,
  txn INTEGER NOT NULL,           -- the last revision of the same request
  ts INTEGER NOT NULL,
  k TEXT NOT NULL,
  prev INTEGER NOT NULL,          -- the key's version before, or 0
  op INTEGER NOT NULL,            -- 1 live, 2 soft-deleted, 3 purged
  acl INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  born INTEGER NOT NULL,          -- the record's first revision, its time and its actor, so that one row answers a read
  made INTEGER NOT NULL,
  maker INTEGER NOT NULL,
  gone INTEGER,                   -- when it was soft-deleted, if it is
  entries BLOB,                   -- its index entries, so that the next version knows what to close
  salt BLOB,
  body BLOB
);

-- The current version of each key.
CREATE TABLE head(
  k TEXT PRIMARY KEY,
  rev INTEGER NOT NULL,
  op INTEGER NOT NULL,
  acl INTEGER NOT NULL
) WITHOUT ROWID;

-- The index entries of the current versions; `born` is the revision since when the entry holds.
CREATE TABLE idx(
  f INTEGER NOT NULL,
  acl INTEGER NOT NULL,
  op INTEGER NOT NULL,
  v BLOB NOT NULL,
  k TEXT NOT NULL,
  born INTEGER NOT NULL,
  PRIMARY KEY(f, acl, op, v, k)
) WITHOUT ROWID;

-- The index entries that held from `born` until before `died`.
CREATE TABLE idx_past(
  f INTEGER NOT NULL,
  acl INTEGER NOT NULL,
  op INTEGER NOT NULL,
  v BLOB NOT NULL,
  k TEXT NOT NULL,
  born INTEGER NOT NULL,
  died INTEGER NOT NULL,
  PRIMARY KEY(f, acl, op, v, k, born)
) WITHOUT ROWID;

-- Effective markings and principals, each kept once.
CREATE TABLE acl(
  id INTEGER PRIMARY KEY,
  label INTEGER NOT NULL,
  originator TEXT NOT NULL,
  detail BLOB NOT NULL,
  UNIQUE(label, originator, detail)
);
CREATE TABLE actor(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

-- Who changed what, chained by hashes over salted digests; outlives `ver`.
CREATE TABLE audit(
  rev INTEGER PRIMARY KEY,
  txn INTEGER NOT NULL,
  ts INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  op INTEGER NOT NULL,
  k TEXT NOT NULL,
  idem BLOB,                      -- of the last row of a request that has a request id
  req_hash BLOB,
  body_sha BLOB,
  hash BLOB NOT NULL
);

-- Denials and audited reads, which have no revision.
CREATE TABLE access_log(
  id INTEGER PRIMARY KEY,
  ts INTEGER NOT NULL,
  actor INTEGER NOT NULL,
  method INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  k TEXT NOT NULL,
  n INTEGER NOT NULL,
  hash BLOB NOT NULL
);
