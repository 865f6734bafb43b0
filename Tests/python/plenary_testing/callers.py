"""Callers that read and write at once and by chance, and what each of them saw."""

import itertools
import random
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from plenary_testing.calls import CALL_SECONDS
from plenary_testing.linearizability import Operation
from plenary_testing.registry import RegistryClient, plenaryd, records_of
from plenary_testing.registry_model import Answer, Compact, Read, Refused, Seen, Unknown, Write

# What a caller does next, and how often of so many times.
MIX = {
    "get": 22,
    "update": 14,
    "update with etag": 14,
    "list": 10,
    "create": 8,
    "delete": 8,
    "undelete": 8,
    "apply": 6,
    "repeat": 6,
    "get at revision": 6,
    "list at revision": 4,
    "get at time": 4,
    "get as fresh": 4,
    "compact": 1,
}

# Contents begin with one of these, and lists ask for one of them.
COLOURS = ["amber", "blue"]

# History is compacted once so many revisions were told.
LONG = 100

# A stale read shows what was so many revisions ago.
STALENESS = 8


class Gone(Exception):
    """The registry went away; what the call did is not known."""


class Lost(Exception):
    """A read whose later pages are no longer there: it has learned nothing."""


@dataclass(frozen=True)
class Plan:
    """What callers do."""

    seed: int
    callers: int = 5
    calls: int = 60
    keys: int = 4
    # The daemon is killed so often, at moments that the seed chooses.
    kills: int = 2
    # How many of the reads are stale on purpose, which a checker must find.
    stale: float = 0.0
    # How many of the reads of the present go to a follower.
    followed: float = 0.0


class Callers:
    """Runs the callers of a plan against daemons of one store, one after the other."""

    def __init__(self, api, plan, data, *options):
        self.api = api
        self.plan = plan
        self.keys = [f"t{index}" for index in range(plan.keys)]
        self.operations = []
        self._data = data
        self._options = options
        self._ids = itertools.count()
        self._changed = threading.Condition()
        self._daemon = None
        self._is_up = False
        self._address = "127.0.0.1:0"
        # Where a follower serves, if there is one.
        self.follower = None
        # The daemons so far, and when those that are dead died.
        self._generation = 0
        self._deaths = []
        self._failure = None
        # What answers told, for all callers: revisions, times, and etags by key.
        self.revisions = []
        self.times = []
        self.etags = {}

    def run(self, between=lambda turn: None, started=lambda address: None, ending=lambda address: None):
        """Runs all callers to their end, kills daemons meanwhile, and returns what was seen.

        `between` is called after each death, before the next daemon is started, `started` after each start, and `ending`
        when the callers are done.
        """
        moments = random.Random(self.plan.seed)
        total = self.plan.callers * self.plan.calls
        kills = sorted(moments.sample(range(total // 5, total), self.plan.kills))
        threads = [threading.Thread(target=self._call, args=(index,)) for index in range(self.plan.callers)]
        with ExitStack() as stack:
            if self.plan.followed:
                # A follower looks for its leader where it was; a port could be somebody else's by then.
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="leader-"))
                self._address = f"unix:{folder}/socket"
            self._start_daemon()
            stack.callback(self._stop_daemon)
            started(self._daemon.address)
            if self.plan.followed:
                follower = plenaryd("--follow", self._address, data=f"{self._data}-follower")
                self.follower = stack.enter_context(follower).address
            for thread in threads:
                thread.start()
            for turn, moment in enumerate(kills):
                self._wait_for(lambda moment=moment: len(self.operations) >= moment)
                if self._failure is None:
                    self._replace_daemon(between, turn)
                    started(self._daemon.address)
            for thread in threads:
                thread.join()
            if self._failure is None:
                ending(self._daemon.address)
        if self._failure is not None:
            raise self._failure
        return self._history()

    # Daemons

    def _start_daemon(self):
        daemon = plenaryd(*self._options, data=self._data, listen=self._address)
        with self._changed:
            self._daemon = daemon
            self._is_up = True
            self._generation += 1
            self._changed.notify_all()

    def _stop_daemon(self):
        if self._is_up:
            self._daemon.stop()

    def _replace_daemon(self, between, turn):
        self._is_up = False
        self._daemon.kill()
        self._deaths.append(time.monotonic())
        between(turn)
        self._start_daemon()

    def _wait_for(self, condition):
        with self._changed:
            assert self._changed.wait_for(lambda: condition() or self._failure is not None, timeout=CALL_SECONDS)

    def _history(self):
        """What was seen. Of a call that a dead daemon did not answer it is known when it can have done anything."""
        found = []
        for generation, operation in self.operations:
            if isinstance(operation.outcome, Unknown):
                if isinstance(operation.call, Read):
                    continue
                end = self._deaths[generation - 1]
                # Nobody was there any longer.
                if operation.start >= end:
                    continue
                operation = replace(operation, end=end)
            found.append(operation)
        return found

    # Callers

    def _call(self, index):
        caller = _Caller(self, index)
        try:
            generation = 0
            for _ in range(self.plan.calls):
                if caller.is_gone:
                    self._wait_for(lambda: self._generation > generation)
                    if self._failure is not None:
                        return
                with self._changed:
                    if generation != self._generation:
                        generation = self._generation
                        caller.connect(self._daemon.address)
                caller.call_once(generation)
        except BaseException as failure:
            with self._changed:
                self._failure = self._failure or failure
                self._changed.notify_all()
        finally:
            caller.close()

    def note(self, generation, client, call, outcome, start, end):
        """Adds a call to what was seen, and what it told to what callers know."""
        with self._changed:
            operation = Operation(next(self._ids), client, call, outcome, start, end)
            self.operations.append((generation, operation))
            if isinstance(outcome, Answer):
                for seen in outcome.records:
                    self.etags[seen.key] = seen.etag
                    self.revisions.append(seen.revision)
                    if seen.time is not None:
                        self.times.append(seen.time)
                if outcome.head is not None:
                    self.revisions.append(outcome.head)
            self._changed.notify_all()


class _Caller:
    """One of the callers."""

    def __init__(self, callers, index):
        self._callers = callers
        self._api = callers.api
        self._name = f"caller {index}"
        self._random = random.Random(f"{callers.plan.seed} {index}")
        self._client = None
        self._follower = None
        self._numbers = itertools.count()
        # A write that can be repeated, as it has an id.
        self._last = None
        # Whether nobody knows what became of it.
        self._is_open = False
        self.is_gone = True

    def connect(self, address):
        self.close()
        self._client = RegistryClient(self._api, address, shares_connection=False)
        if self._callers.follower is not None:
            self._follower = RegistryClient(self._api, self._callers.follower, shares_connection=False)
        self.is_gone = False

    def close(self):
        for client in (self._client, self._follower):
            if client is not None:
                client.channel.close()

    def call_once(self, generation):
        """Makes one call and notes it."""
        call, ask, recorded = self._next()
        start = time.monotonic()
        try:
            outcome = ask(call)
        except Gone:
            outcome = Unknown()
            self.is_gone = True
        except Lost:
            outcome = Unknown()
        self._callers.note(generation, self._name, recorded, outcome, start, time.monotonic())
        if isinstance(call, Write) and call.request_id and not isinstance(outcome, Refused):
            self._last = call
            self._is_open = isinstance(outcome, Unknown)

    def _next(self):
        """A call, how it is made, and as what it is noted."""
        kind = self._random.choices(list(MIX), MIX.values())[0]
        # Who had no answer asks again, mostly.
        if self._is_open and self._random.random() < 0.7:
            kind = "repeat"
        if kind == "repeat" and self._last is None:
            kind = "update"
        revisions = self._callers.revisions
        if kind == "compact" and len(revisions) < LONG:
            kind = "list"
        if kind == "repeat":
            return self._last, self._write, self._last
        if kind == "compact":
            call = Compact(self._random.choice(revisions[: len(revisions) // 3]))
            return call, self._compact, call
        if kind in ("create", "delete", "undelete", "apply") or kind.startswith("update"):
            call = self._new_write(kind)
            return call, self._write, call
        call = self._new_read(kind)
        if kind == "get" and self._random.random() < self._callers.plan.stale and len(revisions) > STALENESS:
            return Read(call.key, revision=revisions[-STALENESS]), self._read_untold, call
        if kind in ("get", "list", "get as fresh") and self._random.random() < self._callers.plan.followed:
            call = replace(call, by_follower=True)
            return call, self._read_of_follower, call
        return call, self._read, call

    # Writes

    def _new_write(self, kind):
        verb = kind.removesuffix(" with etag")
        count = 2 if verb == "apply" else 1
        keys = self._random.sample(self._callers.keys, count)
        contents = []
        for key in keys:
            # No two writes have the same content, so that what is read tells what wrote it.
            content = f"{self._random.choice(COLOURS)}-{self._name[-1]}-{next(self._numbers)}"
            contents.append((key, None if verb in ("delete", "undelete") else content))
        etag = self._callers.etags.get(keys[0], "") if kind.endswith("with etag") else ""
        request_id = self._uuid() if self._random.random() < 0.6 else ""
        return Write(verb, tuple(contents), etag, request_id)

    def _uuid(self):
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def _write(self, call):
        key, content = call.contents[0]
        name, ids = f"themes/{key}", {"request_id": call.request_id}
        if call.verb == "apply":
            records = [self._api.Record(theme=self._theme(key, content)) for key, content in call.contents]
            return self._ask("ApplyResources", self._applied(call), records=records, **ids)
        if call.verb == "create":
            return self._ask("CreateTheme", self._one, theme_id=key, theme=self._theme(key, content), **ids)
        if call.verb == "update":
            theme = self._api.Theme(name=name, notation=content, etag=call.etag)
            return self._ask("UpdateTheme", self._one, theme=theme, update_mask=FieldMask(paths=["notation"]), **ids)
        return self._ask(f"{call.verb.capitalize()}Theme", self._one, name=name, etag=call.etag, **ids)

    def _theme(self, key, content):
        return self._api.theme(key, name=f"themes/{key}", notation=content)

    def _compact(self, call):
        return self._ask("CompactHistory", lambda _: (), to_revision=call.revision)

    # Reads

    def _new_read(self, kind):
        callers = self._callers
        key = self._random.choice(callers.keys) if kind.startswith("get") else None
        beginning = "" if key else self._random.choice(["", *COLOURS])
        shows_deleted = key is None and self._random.random() < 0.5
        recent = callers.revisions[-40:]
        point = {}
        if kind.endswith("at revision") and recent:
            point["revision"] = self._random.choice(recent)
        if kind.endswith("at time") and callers.times:
            point["time"] = self._random.choice(callers.times[-40:]) - self._random.choice([0, 0, 1000])
        if kind.endswith("as fresh") and recent:
            point["fresh"] = self._random.choice(recent)
        return Read(key, beginning, shows_deleted, **point)

    def _read_untold(self, call):
        """The answer without the revision that it shows."""
        answer = self._read(call)
        return answer if isinstance(answer, Refused) else Answer(answer.records)

    def _read_of_follower(self, call):
        leader, self._client = self._client, self._follower
        try:
            answer = self._read(call)
        except Gone as gone:
            # It waits for what it was asked for, but not for ever.
            raise Lost from gone
        finally:
            self._client = leader
        if isinstance(answer, Refused) and answer.reason == "REVISION_FUTURE":
            raise Lost
        return answer

    def _read(self, call):
        fields = {"revision": call.revision, "at_least_as_fresh": call.fresh}
        if call.time is not None:
            fields["read_time"] = Timestamp(seconds=call.time // 10**9, nanos=call.time % 10**9)
        if call.key is not None:
            return self._ask("GetTheme", self._one, name=f"themes/{call.key}", **fields)
        filter = f'notation = "{call.beginning}-*"' if call.beginning else ""
        fields |= {"filter": filter, "show_deleted": call.shows_deleted, "page_size": self._random.choice([0, 2])}
        pages = []

        def page(answer):
            pages.append(answer)
            return [self._seen(theme) for theme in records_of(answer)]

        found = self._ask("ListThemes", page, **fields)
        if isinstance(found, Refused):
            return found
        records = list(found.records)
        while token := pages[-1].next_page_token:
            more = self._ask("ListThemes", page, page_token=token, **fields)
            if isinstance(more, Refused):
                # The history that the pages show was compacted away between two of them.
                raise Lost
            assert more.head == found.head
            records += more.records
        return Answer(tuple(records), found.head)

    # Answers

    def _ask(self, method, read, **fields):
        """The outcome of a call."""
        try:
            answer, headers = self._client.ask_with_headers(method, **fields)
        except grpc.RpcError as error:
            status = rpc_status.from_call(error)
            if status is None or error.code() is grpc.StatusCode.UNAVAILABLE:
                raise Gone from error
            reason = error_details_pb2.ErrorInfo()
            assert any(detail.Unpack(reason) for detail in status.details if detail.Is(reason.DESCRIPTOR)), error
            return Refused(reason.reason)
        return Answer(tuple(read(answer)), headers.get("plenary-revision"), headers.get("plenary-replayed") == "true")

    def _one(self, theme):
        return [self._seen(theme)]

    def _applied(self, call):
        def read(answer):
            contents = dict(call.contents)
            for item in answer.items:
                key = item.name.removeprefix("themes/")
                yield Seen(key, contents[key], False, item.etag, item.revision)

        return read

    @staticmethod
    def _seen(theme):
        return Seen(
            theme.name.removeprefix("themes/"),
            theme.notation,
            theme.HasField("delete_time"),
            theme.etag,
            theme.revision,
            theme.update_time.ToNanoseconds(),
        )
