"""Measures layouts of the index table against each other, for decision 0004.

    python3 Tests/PlenaryStoreSQLiteTests/python/measure_index_layouts.py [records] [updates]

Each layout gets the same records, markings and updates, in turns of one batch each, so that a slow moment of the machine
meets all of them. Printed are the median time of a write of one record, of a page of 100 now, of the same page at an old
revision, and the size of the file.
"""

import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
import zlib

FIELDS = 10
MARKINGS = 3
BATCH = 64
PAGE = 100


class Layout:
    """A way to keep entries (field, value) of records that change."""

    def __init__(self, folder):
        self.path = os.path.join(folder, f"{type(self).__name__}.db")
        self.db = sqlite3.connect(self.path, isolation_level=None)
        self.db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=0;")
        self.db.executescript(self.schema)

    def size(self):
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return os.path.getsize(self.path)


class Split(Layout):
    """Entries of now in one table, entries of before in another."""

    schema = """
      CREATE TABLE idx(f, acl, op, v, k, born, PRIMARY KEY(f, acl, op, v, k)) WITHOUT ROWID;
      CREATE TABLE idx_past(f, acl, op, v, k, born, died, PRIMARY KEY(f, acl, op, v, k, born)) WITHOUT ROWID;
    """

    def open(self, f, acl, v, k, rev):
        self.db.execute("INSERT INTO idx VALUES(?, ?, 1, ?, ?, ?)", (f, acl, v, k, rev))

    def close(self, f, acl, v, k, rev):
        born = self.db.execute(
            "DELETE FROM idx WHERE f=? AND acl=? AND op=1 AND v=? AND k=? RETURNING born", (f, acl, v, k)).fetchone()[0]
        self.db.execute("INSERT INTO idx_past VALUES(?, ?, 1, ?, ?, ?, ?)", (f, acl, v, k, born, rev))

    def now(self, f, acl, v):
        return self.db.execute(
            "SELECT k FROM idx WHERE f=? AND acl=? AND op=1 AND v=? ORDER BY k LIMIT ?", (f, acl, v, PAGE)).fetchall()

    def at(self, f, acl, v, rev):
        return self.db.execute(
            """SELECT k FROM idx WHERE f=?1 AND acl=?2 AND op=1 AND v=?3 AND born<=?4 UNION ALL
               SELECT k FROM idx_past WHERE f=?1 AND acl=?2 AND op=1 AND v=?3 AND born<=?4 AND died>?4
               ORDER BY k LIMIT ?5""", (f, acl, v, rev, PAGE)).fetchall()


class One(Layout):
    """All entries in one table; one that no longer holds is closed where it stands."""

    schema = """
      CREATE TABLE idx(f, acl, v, k, born, died, PRIMARY KEY(f, acl, v, k, born)) WITHOUT ROWID;
    """

    def open(self, f, acl, v, k, rev):
        self.db.execute("INSERT INTO idx VALUES(?, ?, ?, ?, ?, NULL)", (f, acl, v, k, rev))

    def close(self, f, acl, v, k, rev):
        self.db.execute(
            "UPDATE idx SET died=? WHERE f=? AND acl=? AND v=? AND k=? AND died IS NULL", (rev, f, acl, v, k))

    def now(self, f, acl, v):
        return self.db.execute(
            "SELECT k FROM idx WHERE f=? AND acl=? AND v=? AND died IS NULL ORDER BY k LIMIT ?",
            (f, acl, v, PAGE)).fetchall()

    def at(self, f, acl, v, rev):
        return self.db.execute(
            """SELECT k FROM idx WHERE f=?1 AND acl=?2 AND v=?3 AND born<=?4 AND (died IS NULL OR died>?4)
               ORDER BY k LIMIT ?5""", (f, acl, v, rev, PAGE)).fetchall()


class Unmarked(One):
    """All entries in one table, the marking behind the value: what a caller may not see is read and left out."""

    schema = """
      CREATE TABLE idx(f, v, k, born, acl, died, PRIMARY KEY(f, v, k, born)) WITHOUT ROWID;
    """

    def open(self, f, acl, v, k, rev):
        self.db.execute("INSERT INTO idx VALUES(?, ?, ?, ?, ?, NULL)", (f, v, k, rev, acl))


def value(field, number):
    # Fields differ in how many values they have, from a handful to nearly one a record.
    return f"value-{number % (4 ** (field + 1)):08}".encode()


def batches(count, updates, seed):
    """Changes in batches: (key, marking, entries before, entries after)."""
    chance = random.Random(seed)
    standing = {}
    change = []
    order = [f"dialogues/d-{number:07}" for number in range(count)] * (updates + 1)
    first, rest = order[:count], order[count:]
    chance.shuffle(rest)
    for key in first + rest:
        before = standing.get(key)
        after = dict(before) if before else {f: value(f, chance.randrange(1 << 30)) for f in range(FIELDS)}
        if before:
            for field in chance.sample(range(FIELDS), 2):
                after[field] = value(field, chance.randrange(1 << 30))
        standing[key] = after
        change.append((key, zlib.crc32(key.encode()) % MARKINGS + 1, before, after))
        if len(change) == BATCH:
            yield change
            change = []


def write(layout, batch, rev):
    start = time.perf_counter()
    layout.db.execute("BEGIN IMMEDIATE")
    for key, acl, before, after in batch:
        rev += 1
        for field, new in after.items():
            if before and before[field] == new:
                continue
            if before:
                layout.close(field, acl, before[field], key, rev)
            layout.open(field, acl, new, key, rev)
    layout.db.execute("COMMIT")
    return (time.perf_counter() - start) / len(batch)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    updates = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with tempfile.TemporaryDirectory() as folder:
        layouts = [Split(folder), One(folder), Unmarked(folder)]
        times = {layout: {"write": [], "now": [], "at": []} for layout in layouts}
        rev = 0
        for number, batch in enumerate(batches(count, updates, seed=1)):
            for layout in random.sample(layouts, len(layouts)):
                times[layout]["write"].append(write(layout, batch, rev))
                if number % 200 == 0:
                    layout.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            rev += len(batch)
        chance = random.Random(2)
        for _ in range(300):
            field, marking, old = chance.randrange(3), chance.randrange(1, MARKINGS + 1), chance.randrange(rev)
            wanted = value(field, chance.randrange(1 << 30))
            found = {}
            for layout in random.sample(layouts, len(layouts)):
                for what, read in (("now", lambda: layout.now(field, marking, wanted)),
                                   ("at", lambda: layout.at(field, marking, wanted, old))):
                    start = time.perf_counter()
                    rows = read()
                    times[layout][what].append(time.perf_counter() - start)
                    assert found.setdefault(what, rows) == rows, "the layouts disagree"
        print(f"{count} records, {updates} updates each, {FIELDS} fields, {MARKINGS} markings; microseconds, medians")
        print(f"{'layout':10} {'write':>8} {'page now':>9} {'page then':>10} {'MB':>7}")
        for layout in layouts:
            write_us, now_us, at_us = (statistics.median(times[layout][what]) * 1e6 for what in ("write", "now", "at"))
            print(f"{type(layout).__name__:10} {write_us:8.1f} {now_us:9.1f} {at_us:10.1f} {layout.size() / 1e6:7.1f}")


main()
