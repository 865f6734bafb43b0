"""Watching what changes, from a foreign client: the promises that etcd's watches are tested for."""

import contextlib
import random
import socket
import threading
import time

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.calls import CALL_SECONDS
from plenary_testing.registry import Refusal, RegistryClient, plenaryd
from plenary_testing.watchers import Watcher, fold

WRITERS = 4
MANY = 300
MANY_FULL = 10_000

# Calls that one connection may have open, by default.
CALLS_PER_CONNECTION = 256


class BusyWriters:
    """Callers that create, change, delete and bring back themes as fast as they can, and import some by the dozen."""

    def __init__(self, api, client, seed=0):
        self.revisions = []
        self._api = api
        self._client = client
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(seed + number,)) for number in range(WRITERS)]
        self._lock = threading.Lock()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self._stopped.set()
        for thread in self._threads:
            thread.join(timeout=CALL_SECONDS)
            assert not thread.is_alive()

    def wait_for(self, count):
        """Waits until so many requests were done."""
        deadline = time.monotonic() + CALL_SECONDS
        while len(self.revisions) < count:
            assert time.monotonic() < deadline
            self._stopped.wait(0.01)

    def _run(self, seed):
        chance = random.Random(seed)
        count = 0
        # Until the daemon is gone, if that comes first.
        with contextlib.suppress(grpc.RpcError):
            while not self._stopped.is_set():
                name = f"w{seed}-{count}"
                count += 1
                self._note(self._client.CreateTheme(theme_id=name, theme=self._api.theme(name, notation="1")).revision)
                match chance.randrange(4):
                    case 0:
                        self._change(name, "2")
                    case 1:
                        self._note(self._client.DeleteTheme(name=f"themes/{name}").revision)
                        self._note(self._client.UndeleteTheme(name=f"themes/{name}").revision)
                    case 2:
                        self._note(self._client.DeleteTheme(name=f"themes/{name}").revision)
                    case _:
                        records = [
                            self._api.Record(theme=self._api.theme(f"{name} {part}", name=f"themes/{name}-{part}", notation="1"))
                            for part in range(12)
                        ]
                        assert self._client.import_records(records).summary.applied

    def _change(self, name, notation):
        theme = self._api.Theme(name=f"themes/{name}", notation=notation)
        self._note(self._client.UpdateTheme(theme=theme, update_mask=FieldMask(paths=["notation"])).revision)

    def _note(self, revision):
        with self._lock:
            self.revisions.append(revision)


def end_of(client):
    """The revision that the registry has come to."""
    return client.GetStoreStatus().current_revision


def listed(client, **fields):
    """All changes, page by page."""
    return [change for page in client.pages("ListChanges", page_size=1000, **fields) for change in page]


def present(client, **fields):
    """The themes that there are, by name."""
    return {theme.name: theme for page in client.pages("ListThemes", page_size=1000, **fields) for theme in page}


def themes(held):
    return {name: record.theme for name, record in held.items()}


def check_atomic(changes):
    """The changes of one request stand together, and only the last of them tells its revision."""
    seen = set()
    for index, change in enumerate(changes):
        time_of = change.commit_time.ToNanoseconds()
        is_last = index + 1 == len(changes) or changes[index + 1].commit_time.ToNanoseconds() != time_of
        assert bool(change.revision) == is_last
        assert time_of not in seen
        if is_last:
            seen.add(time_of)
    assert sorted(seen) == [change.commit_time.ToNanoseconds() for change in changes if change.revision]


def test_all_watchers_are_told_the_same_while_writers_run(registry, api):
    """Ordered, unique, atomic, reliable, filtered: for whoever began when, in step or far behind."""
    theme = "plenary.registry/Theme"
    with contextlib.ExitStack() as stack:

        def watch(**fields):
            return stack.enter_context(Watcher(api, registry.channel, **fields))

        first = [watch(from_beginning=True) for _ in range(3)]
        stalled = watch(paused=True, from_beginning=True)
        with BusyWriters(api, registry) as writers:
            writers.wait_for(100)
            joined = [watch(snapshot=True, resource_types=[theme]), watch(from_beginning=True)]
            chosen = [
                watch(from_beginning=True, resource_types=[theme], filter="notation = 2"),
                watch(snapshot=True, resource_types=[theme], filter="notation = 1"),
            ]
            writers.wait_for(300)
            stalled.go_on()
            writers.wait_for(400)
        end = end_of(registry)
        for watcher in [*first, stalled, *joined, *chosen]:
            watcher.wait_for(lambda watcher=watcher: watcher.revision == end)

    everything = listed(registry)
    check_atomic(everything)
    for watcher in [*first, stalled, joined[1]]:
        assert watcher.changes == everything
    assert set(writers.revisions) <= {change.revision for change in everything}
    assert themes(fold(api, everything)) == themes(fold(api, joined[0].changes)) == present(registry)
    for watcher, filter in zip(chosen, ["notation = 2", "notation = 1"], strict=True):
        assert themes(fold(api, watcher.changes)) == present(registry, filter=filter)
    assert joined[0].kinds.count("SNAPSHOT_END") == 1
    assert joined[0].kinds.index("SNAPSHOT_END") < joined[0].kinds.index("PROGRESS")


def test_a_watch_that_breaks_goes_on_without_loss_and_without_what_was_settled(registry, api):
    chance = random.Random(7)
    settled = []
    with BusyWriters(api, registry) as writers:
        start = {"from_beginning": True}
        for _ in range(12):
            with Watcher(api, registry.channel, **start) as watcher:
                goal = chance.randrange(1, 40)
                watcher.wait_for(lambda watcher=watcher, goal=goal: len(watcher.changes) >= goal and watcher.revision)
            settled += watcher.settled()
            start = {"after_revision": watcher.revision}
        writers.stop()
    end = end_of(registry)
    with Watcher(api, registry.channel, **start) as watcher:
        watcher.wait_for_revision(end)
    assert settled + watcher.changes == listed(registry)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_watch_goes_on_over_restarts_and_crashes(api, tmp_path):
    """No change that was acknowledged is lost, and none comes twice behind the revision that was resumed from."""
    listen = f"127.0.0.1:{free_port()}"
    settled, promised, start = [], [], {"from_beginning": True}
    for turn in range(4):
        with plenaryd(listen=listen, data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
            watcher = Watcher(api, client.channel, **start)
            with BusyWriters(api, client, seed=100 * turn) as writers:
                writers.wait_for(60)
                if turn % 2:
                    daemon.kill()
                else:
                    daemon.stop()
            error = watcher.wait_for_error()
            assert error.code() == grpc.StatusCode.UNAVAILABLE
            settled += watcher.settled()
            promised += writers.revisions
            start = {"after_revision": watcher.revision}
    with plenaryd(listen=listen, data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        with Watcher(api, client.channel, **start) as watcher:
            watcher.wait_for_revision(end_of(client))
        told = settled + watcher.changes
        assert told == listed(client)
        assert set(promised) <= {change.revision for change in told}
        assert themes(fold(api, told)) == present(client)


def test_a_stopping_daemon_ends_watches_at_once_and_says_to_come_back(start, api):
    client, daemon = start()
    with Watcher(api, client.channel) as watcher:
        watcher.wait_until_caught_up()
        begin = time.monotonic()
        daemon.stop()
        refusal = Refusal(watcher.wait_for_error())
        assert (refusal.code.name, refusal.reason) == ("UNAVAILABLE", "STORE_UNAVAILABLE")
        assert time.monotonic() - begin < 5


def test_a_generated_client_creates_reads_updates_watches_and_resumes(start, api, tmp_path):
    """Acceptance row 42."""
    client, daemon = start(data=tmp_path)
    created = client.CreateTheme(theme_id="t", theme=api.theme("One"))
    with Watcher(api, client.channel, after_revision=created.revision) as watcher:
        assert client.GetTheme(name="themes/t") == created
        updated = client.UpdateTheme(
            theme=api.Theme(name="themes/t", notation="7", etag=created.etag), update_mask=FieldMask(paths=["notation"]))
        refusal = client.refusal(
            "UpdateTheme", theme=api.Theme(name="themes/t", notation="8", etag=created.etag),
            update_mask=FieldMask(paths=["notation"]))
        assert refusal.reason == "ETAG_MISMATCH"
        watcher.wait_for_revision(updated.revision)
    assert [change.after.theme for change in watcher.changes] == [updated]
    daemon.stop()
    client, _ = start(data=tmp_path)
    last = client.DeleteTheme(name="themes/t")
    with Watcher(api, client.channel, after_revision=watcher.revision) as again:
        again.wait_for_revision(last.revision)
    assert [(change.resource, api.Change.Kind.Name(change.kind)) for change in again.changes] == [("themes/t", "REMOVED")]


def test_bookmarks_come_without_changes_and_can_be_resumed_from(registry, api):
    for number in range(3):
        registry.CreateTheme(theme_id=f"t{number}", theme=api.theme(f"{number}"))
    interval = Duration(nanos=100_000_000)
    chosen = dict(resource_types=["plenary.registry/Theme"], filter="notation = 9", progress_interval=interval)
    with Watcher(api, registry.channel, from_beginning=True, **chosen) as watcher:
        # What it does not select moves its place on all the same.
        last = registry.CreateTheme(theme_id="more", theme=api.theme("more"))
        watcher.wait_for_revision(last.revision)
        watcher.wait_for(lambda: watcher.kinds.count("PROGRESS") >= 3)
        assert not watcher.changes
    wanted = registry.CreateTheme(theme_id="nine", theme=api.theme("nine", notation="9"))
    with Watcher(api, registry.channel, after_revision=watcher.revision, **chosen) as watcher:
        watcher.wait_for_revision(wanted.revision)
        assert [change.resource for change in watcher.changes] == ["themes/nine"]


def test_what_is_deleted_and_what_is_no_longer_selected_look_alike(registry, api):
    for name in ("deleted", "left"):
        registry.CreateTheme(theme_id=name, theme=api.theme(name, notation="1"))
    chosen = dict(resource_types=["plenary.registry/Theme"], filter="notation = 1", include_before=True)
    with Watcher(api, registry.channel, **chosen) as watcher:
        watcher.wait_until_caught_up()
        registry.DeleteTheme(name="themes/deleted")
        theme = api.Theme(name="themes/left", notation="2")
        last = registry.UpdateTheme(theme=theme, update_mask=FieldMask(paths=["notation"]))
        watcher.wait_for_revision(last.revision)
    changes = watcher.changes
    assert [change.resource for change in changes] == ["themes/deleted", "themes/left"]
    for change in changes:
        change.ClearField("resource")
        change.ClearField("commit_time")
        change.ClearField("revision")
    assert changes[0] == changes[1] == api.Change(kind="REMOVED", resource_type="plenary.registry/Theme")


def test_a_change_of_a_marking_comes_with_those_of_what_follows_it(filled, api):
    name = "dialogues/asia-ict-ct-3"
    marking = api.Marking(label="AMBER", organizations=["organizations/cted"])
    mask = FieldMask(paths=["marking"])
    # What names it is seen by nobody who does not see it.
    filled.UpdatePartnership(
        partnership=api.Partnership(name="partnerships/asia-ict-ct-3", marking=marking), update_mask=mask)
    filled.UpdateOutcomeReport(
        outcome_report=api.OutcomeReport(name="outcomeReports/asia-ict-ct-outcomes", marking=marking), update_mask=mask)
    with Watcher(api, filled.channel, include_changed_fields=True) as watcher:
        watcher.wait_until_caught_up()
        filled.UpdateDialogue(dialogue=api.Dialogue(name=name, marking=marking), update_mask=mask)
        watcher.wait_for_revision(end_of(filled))
    children = [change.resource for change in watcher.changes if change.resource.startswith(name + "/")]
    assert children and name in [change.resource for change in watcher.changes]
    assert {field for change in watcher.changes for field in change.changed_fields.paths} >= {"marking.label"}
    assert len({change.commit_time.ToNanoseconds() for change in watcher.changes}) == 1


def test_nothing_is_resumed_behind_a_compaction(filled, api):
    first = filled.UpdateDialogue(
        dialogue=api.Dialogue(name="dialogues/asia-ict-ct-3", participant_count=41),
        update_mask=FieldMask(paths=["participant_count"]))
    last = filled.UpdateDialogue(
        dialogue=api.Dialogue(name="dialogues/asia-ict-ct-3", participant_count=42),
        update_mask=FieldMask(paths=["participant_count"]))
    with Watcher(api, filled.channel, after_revision=last.revision) as watcher:
        watcher.wait_until_caught_up()
        filled.CompactHistory(to_revision=last.revision)
        for start in ({"after_revision": first.revision}, {"from_beginning": True}):
            for method in ("WatchChanges", "ListChanges"):
                if method == "ListChanges" and "from_beginning" in start:
                    continue
                refusal = filled.refusal(method, **start)
                assert (refusal.code.name, refusal.reason) == ("OUT_OF_RANGE", "REVISION_COMPACTED")
                assert refusal.metadata["oldest_revision"] == last.revision
        # Who was not behind it goes on, and a snapshot is always to be had.
        created = filled.CreateTheme(theme_id="after", theme=api.theme())
        watcher.wait_for_revision(created.revision)
    with Watcher(api, filled.channel, snapshot=True) as watcher:
        watcher.wait_until_caught_up()
        exported = {record.WhichOneof("kind"): 0 for record in filled.export()}
        assert len(watcher.changes) == len(filled.export()) and exported


def test_a_slow_watcher_is_cut_and_can_go_on(start, api):
    client, daemon = start("--set", "watch.stall_max=1s")
    with contextlib.ExitStack() as stack:
        # Its windows stay as small as they begin.
        options = [("grpc.http2.bdp_probe", 0), ("grpc.use_local_subchannel_pool", 1)]
        narrow = stack.enter_context(grpc.insecure_channel(daemon.address, options=options))
        cut_and_go_on(client, api, narrow)


def cut_and_go_on(client, api, narrow):
    watcher = Watcher(api, narrow, paused=True)
    with Watcher(api, client.channel) as quick:
        quick.wait_until_caught_up()
        begin = time.monotonic()
        # More than what lies in buffers on the way.
        for number in range(60):
            last = client.CreateTheme(
                theme_id=f"t{number}", theme=api.theme(f"{number}", annotations={
                    f"a{part}": "y" * 1000 for part in range(60)}))
        # No writer has waited, and neither has anybody else.
        assert time.monotonic() - begin < CALL_SECONDS / 4
        quick.wait_for_revision(last.revision)
        while time.monotonic() - begin < 4:
            client.GetTheme(name="themes/t0")
    watcher.go_on()
    refusal = Refusal(watcher.wait_for_error())
    assert (refusal.code.name, refusal.reason) == ("RESOURCE_EXHAUSTED", "WATCHER_TOO_SLOW")
    assert refusal.metadata["revision"] == watcher.revision
    assert "after revision" in refusal.message
    received = watcher.changes
    assert len(received) < 60
    with Watcher(api, client.channel, after_revision=refusal.metadata["revision"]) as watcher:
        watcher.wait_for_revision(last.revision)
    assert [change.resource for change in received + watcher.changes] == [f"themes/t{number}" for number in range(60)]


def test_one_watch_more_than_the_limit_is_refused(start, api):
    client, _ = start("--set", "watch.watchers_max=2")
    with Watcher(api, client.channel) as one, Watcher(api, client.channel) as two:
        one.wait_until_caught_up()
        two.wait_until_caught_up()
        refusal = client.refusal("WatchChanges")
        assert (refusal.code.name, refusal.reason) == ("RESOURCE_EXHAUSTED", "LIMIT_REACHED")
        assert refusal.metadata == {"max": "2"} and "watch.watchers_max" in refusal.message
    deadline = time.monotonic() + CALL_SECONDS
    while True:
        with Watcher(api, client.channel) as three:
            if not three.is_refused():
                return
        assert time.monotonic() < deadline


@pytest.mark.parametrize("count", [MANY, pytest.param(MANY_FULL, marks=pytest.mark.full)])
def test_many_watchers_are_told_of_each_change_and_no_writer_waits(start, api, count):
    client, daemon = start()
    with contextlib.ExitStack() as stack:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channels = [
            stack.enter_context(grpc.insecure_channel(daemon.address, options=options))
            for _ in range(0, count, CALLS_PER_CONNECTION - 6)
        ]
        calls = []
        for number in range(count):
            call = api.stub(channels[number % len(channels)], "WatchChanges")(api.request("WatchChanges"))
            stack.callback(call.cancel)
            calls.append(call)
        for call in calls:
            assert next(call).kind == api.WatchChangesResponse.Kind.Value("PROGRESS")
        for number in range(3):
            begin = time.monotonic()
            created = client.CreateTheme(theme_id=f"t{number}", theme=api.theme(f"{number}"))
            assert time.monotonic() - begin < 5
            for call in calls:
                message = next(call)
                assert message.revision == created.revision
                assert [change.resource for change in message.changes] == [created.name]
