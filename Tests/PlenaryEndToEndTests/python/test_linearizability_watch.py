"""What watchers are told is an order in which what callers saw can have happened: nothing is missing, and nothing comes twice.

A watch of everything is resumed after each kill; its order of the writes is what the checker is given. Another one begins
with a snapshot in the middle, and must tell the same from there on.
"""

import pytest

from plenary_testing.callers import Callers, Plan
from plenary_testing.linearizability import check
from plenary_testing.registry import RegistryClient
from plenary_testing.registry_model import Answer, RegistryModel, Unknown, Write, explain
from plenary_testing.watchers import Watcher

SEEDS = range(1, 4)
SEEDS_FULL = range(100, 160)
KILLS = 2


class Watch:
    """A watch that goes on with every daemon, and what it was told for good."""

    def __init__(self, api, **fields):
        self.messages = []
        self._api = api
        self._fields = fields
        self._watcher = None
        self._client = None

    def begin(self, address):
        """Goes on with another daemon."""
        self._take()
        start = {"after_revision": self.revision} if self.revision else self._fields
        self._client = RegistryClient(self._api, address, shares_connection=False)
        self._watcher = Watcher(self._api, self._client.channel, progress_interval={"nanos": 100_000_000}, **start)

    def end(self):
        """Waits until everything was told."""
        self._watcher.wait_for_revision(self._client.GetStoreStatus().current_revision)
        self._watcher.cancel()
        self._take()

    @property
    def revision(self):
        return next((message.revision for message in reversed(self.messages) if message.revision), "")

    def _take(self):
        """Keeps what was told up to the last revision; the rest comes again."""
        if self._watcher is None:
            return
        told = self._watcher.messages
        last = max((index for index, message in enumerate(told) if message.revision), default=-1)
        self.messages += told[: last + 1]
        self._client.channel.close()

    def requests(self):
        """The changes by request, each with its revision."""
        found, open_changes = [], []
        for message in self.messages:
            if message.kind != self._api.WatchChangesResponse.CHANGES:
                continue
            for change in message.changes:
                open_changes.append(change)
                if change.revision:
                    found.append((change.revision, open_changes))
                    open_changes = []
        assert not open_changes
        return found

    def snapshot(self):
        """The revision of the snapshot, and its records by name."""
        kinds = self._api.WatchChangesResponse
        records = {}
        for message in self.messages:
            if message.kind == kinds.SNAPSHOT:
                records |= {change.resource: change.after.theme.etag for change in message.changes}
            if message.kind == kinds.SNAPSHOT_END:
                return message.revision, records
        raise AssertionError("the snapshot has no end")


def order_of(requests, operations):
    """For each write that a watch told of, in its order, the ids of the calls that it can have been."""
    writes = [found for found in operations if isinstance(found.call, Write)]
    heads = {
        found.outcome.head: found.id
        for found in writes
        if isinstance(found.outcome, Answer) and not found.outcome.replayed
    }
    lost = [found for found in writes if isinstance(found.outcome, Unknown)]
    order = []
    for revision, changes in requests:
        if revision in heads:
            order.append({heads[revision]})
        else:
            # Nobody was answered: what it wrote says which it was, or, if it wrote nothing new, any that did the same.
            order.append({found.id for found in lost if is_told(found.call, changes)})
    return order


def is_told(call, changes):
    """Whether changes are what a write leads to."""
    # A record that comes back with other content changes twice.
    contents = {change.resource.removeprefix("themes/"): change.after.theme.notation for change in changes}
    if call.verb in ("delete", "undelete"):
        return list(contents) == [call.contents[0][0]] and changes[0].HasField("after") == (call.verb == "undelete")
    return contents == dict(call.contents)


@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.full) for seed in SEEDS_FULL)])
def test_watchers_are_told_the_order_in_which_it_happened(api, tmp_path, seed):
    print(f"seed {seed}")
    everything, later = Watch(api, from_beginning=True), Watch(api, snapshot=True)
    starts = []

    def started(address):
        starts.append(address)
        everything.begin(address)
        if len(starts) > 1:
            later.begin(address)

    def ending(address):
        everything.end()
        later.end()

    callers = Callers(api, Plan(seed, kills=KILLS), tmp_path)
    operations = callers.run(started=started, ending=ending)
    requests = everything.requests()
    order = order_of(requests, operations)
    assert all(order), "a change was told that nobody asked for"
    assert len({revision for revision, _ in requests}) == len(requests), "a change was told twice"
    verdict = check(operations, RegistryModel(operations, callers.keys, order))
    assert verdict.is_linearizable, explain(operations, callers.keys, verdict)
    assert verdict.state.node.depth == len(order), "a change was told of a write that had no effect"

    revision, records = later.snapshot()
    place = [request[0] for request in requests].index(revision) + 1
    assert records == fold(requests[:place])
    assert later.requests() == requests[place:]


def fold(requests):
    """The records that changes lead to, as etags by name."""
    records = {}
    for _, changes in requests:
        for change in changes:
            if change.HasField("after"):
                records[change.resource] = change.after.theme.etag
            else:
                records.pop(change.resource)
    return records
