-- One row while the store is a copy of another one, which alone changes it.
CREATE TABLE replica(
  id INTEGER PRIMARY KEY CHECK(id = 1),
  leader TEXT NOT NULL,           -- where the other one is
  erased INTEGER NOT NULL         -- until this revision there can be erased versions whose purge is still to come
);
