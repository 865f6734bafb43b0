"""Callers that write without end, and a look at what is there after a crash."""

import contextlib
import sqlite3
import threading

from plenary_testing.calls import CALL_SECONDS

IN_FLIGHT = 200

# An import is whole or absent too.
BATCH = 20


class Writers:
    """Keeps creates of themes in flight, and an import behind the other, and remembers what was promised."""

    def __init__(self, api, client, turn):
        self.api = api
        self.turn = turn
        self.acknowledged = {}
        self.batches = 0
        self._create = api.stub(client.channel, "CreateTheme")
        self._client = client
        self._changed = threading.Condition()
        self._flying = 0
        self._next = 0
        self._stopped = False

    def theme(self, name):
        """The theme of a name, too long for a page of the database."""
        return self.api.theme(name, name=name, definition=self.api.text(f"{name} " * 400))

    def start(self):
        for _ in range(IN_FLIGHT):
            self._send()
        self._importer = threading.Thread(target=self._import)
        self._importer.start()

    def wait_for(self, count):
        """Waits until so many creates were acknowledged."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.acknowledged) >= count, timeout=CALL_SECONDS)

    def stop(self):
        """Begins no more calls."""
        self._stopped = True

    def finish(self):
        """Waits until the last call has its answer, or its error."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._flying == 0, timeout=CALL_SECONDS)
        self._importer.join()

    def _send(self):
        with self._changed:
            name = f"themes/t{self.turn}-{self._next}"
            self._next += 1
            self._flying += 1
        request = self.api.request("CreateTheme", theme_id=name.removeprefix("themes/"), theme=self.theme(name))
        call = self._create.future(request, timeout=CALL_SECONDS)
        call.add_done_callback(lambda call: self._done(name, call))

    def _done(self, name, call):
        with self._changed:
            self._flying -= 1
            failed = call.cancelled() or call.exception() is not None
            self._stopped = self._stopped or failed
            if not failed:
                self.acknowledged[name] = call.result()
            self._changed.notify_all()
        if not self._stopped:
            self._send()

    def _import(self):
        # Until the daemon is gone.
        with contextlib.suppress(Exception):
            while not self._stopped:
                names = [f"themes/b{self.turn}-{self.batches}-{number}" for number in range(BATCH)]
                records = [self.api.Record(theme=self.theme(name)) for name in names]
                outcome = self._client.import_records(records)
                assert outcome.summary.applied
                self.acknowledged |= {name: None for name in names}
                self.batches += 1


def check(client, acknowledged, api):
    """Every acknowledged theme is there as it was answered, and every other one is whole, with its whole import."""
    pages = client.pages("ListThemes", page_size=1000)
    themes = {theme.name: theme for page in pages for theme in page}
    assert acknowledged.keys() <= themes.keys()
    for name, answer in acknowledged.items():
        assert answer is None or themes[name] == answer
    imports = {}
    for name, theme in themes.items():
        assert theme.pref_label.values["en"] == name
        assert theme.definition.values["en"] == f"{name} " * 400
        if name.startswith("themes/b"):
            batch = name.rsplit("-", 1)[0]
            imports[batch] = imports.get(batch, 0) + 1
    assert set(imports.values()) <= {BATCH}
    return themes


def check_database(path, count):
    """The revisions have no gap, the audit agrees with them, and SQLite finds nothing wrong."""
    with contextlib.closing(sqlite3.connect(path)) as database:

        def rows(sql):
            return database.execute(sql).fetchall()

        assert rows("PRAGMA integrity_check") == [("ok",)]
        assert rows("SELECT count(*), min(rev), max(rev) FROM ver") == [(count, 1, count)]
        assert rows("SELECT rev FROM meta") == [(count,)]
        audited = "rev, txn, ts, actor, op, k"
        assert rows(f"SELECT {audited} FROM ver") == rows(f"SELECT {audited} FROM audit")
        current = "k, rev, op, acl"
        assert rows(f"SELECT {current} FROM head ORDER BY rev") == rows(f"SELECT {current} FROM ver ORDER BY rev")
        # A request's revisions are contiguous, and `txn` is the last of them; times never run backwards.
        gaps = "max(rev) <> txn OR max(rev) - min(rev) + 1 <> count(*)"
        assert rows(f"SELECT txn FROM ver GROUP BY txn HAVING {gaps}") == []
        assert rows("SELECT b.rev FROM ver a JOIN ver b ON b.rev = a.rev + 1 WHERE b.ts < a.ts") == []
        assert rows("SELECT chain = (SELECT hash FROM audit ORDER BY rev DESC LIMIT 1) FROM meta") == [(1,)]
