"""The checker finds what cannot have happened, and nothing else."""

import random
from dataclasses import replace

import pytest

from plenary_testing.linearizability import Operation, check
from plenary_testing.registry_model import (
    Answer,
    Compact,
    Read,
    Refused,
    RegistryModel,
    Seen,
    Unknown,
    Write,
    gone_back,
    projected,
)

KEYS = ["a", "b"]


class Told:
    """A history, call by call: `start` and `end` are moments, versions and revisions are numbers."""

    def __init__(self):
        self.operations = []

    def call(self, start, end, call, outcome, client="c"):
        self.operations.append(Operation(len(self.operations), client, call, outcome, start, end))
        return self

    def write(self, start, end, verb, key, content, version, head=None, etag="", request_id="", replayed=False, of=None):
        """A write that was answered; `of` is the content that the answer has, if the call gives none."""
        call = Write(verb, ((key, content),), etag, request_id)
        return self.call(start, end, call, Answer((seen(key, content or of, version, verb == "delete"),), head, replayed))

    def lost(self, start, end, verb, key, content, request_id=""):
        """A write that was never answered; at `end` the registry was dead."""
        return self.call(start, end, Write(verb, ((key, content),), "", request_id), Unknown())

    def read(self, start, end, key, content, version, head=None, deleted=False, client="c", **point):
        found = () if content is None else (seen(key, content, version, deleted),)
        outcome = Answer(found, head) if found else Refused("RESOURCE_NOT_FOUND")
        return self.call(start, end, Read(key, **point), outcome, client)

    def list(self, start, end, *records, head=None, **fields):
        return self.call(start, end, Read(**fields), Answer(tuple(seen(*record) for record in records), head))

    def verdict(self, order=None):
        return check(self.operations, RegistryModel(self.operations, KEYS, order))

    @property
    def holds(self):
        return self.verdict().is_linearizable


def seen(key, content, version, deleted=False):
    return Seen(key, content, deleted, f"e{version}", f"r{version}", version * 1000)


def test_one_call_after_the_other():
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "update", "a", "y", 2).read(4, 5, "a", "y", 2)
    assert told.holds
    assert [operation.id for operation in told.verdict().order] == [0, 1, 2]


def test_nothing_at_all():
    assert Told().holds


def test_a_concurrent_read_sees_either():
    for content, version in [("x", 1), ("y", 2)]:
        told = Told().write(0, 1, "create", "a", "x", 1).write(2, 6, "update", "a", "y", 2)
        assert told.read(3, 4, "a", content, version).holds


def test_a_stale_read():
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "update", "a", "y", 2).read(4, 5, "a", "x", 1)
    assert not told.holds
    assert [operation.id for operation in told.verdict().stuck] == [2]
    assert "#2 of c" in str(told.verdict())


def test_a_read_that_goes_back():
    # Each of the two may see either version while the update goes on, but not the new one and then the old one.
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 9, "update", "a", "y", 2)
    assert not told.read(3, 4, "a", "y", 2).read(5, 6, "a", "x", 1).holds


def test_a_lost_write():
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "update", "a", "y", 2)
    assert not told.write(4, 5, "update", "a", "z", 3, etag="e1").holds
    assert not Told().write(0, 1, "create", "a", "x", 1).read(2, 3, "a", None, 0).holds


def test_a_value_from_nowhere():
    assert not Told().write(0, 1, "create", "a", "x", 1).read(2, 3, "a", "w", 1).holds
    assert not Told().read(2, 3, "a", "x", 1).write(4, 5, "create", "a", "x", 1).holds


def test_writes_in_two_orders():
    # Two readers see two concurrent updates the other way round.
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 20, "update", "a", "y", 2)
    told.write(2, 20, "update", "a", "z", 3)
    told.read(3, 4, "a", "y", 2).read(5, 6, "a", "z", 3)
    assert told.holds
    assert not told.read(7, 8, "a", "y", 2).holds


def test_two_creates_of_one_name():
    told = Told().write(0, 5, "create", "a", "x", 1)
    assert told.call(0, 5, Write("create", (("a", "y"),)), Refused("RESOURCE_EXISTS")).holds
    assert not Told().write(0, 5, "create", "a", "x", 1).write(0, 5, "create", "a", "y", 2).holds
    assert not Told().call(0, 5, Write("create", (("a", "y"),)), Refused("RESOURCE_EXISTS")).holds


def test_conditions_on_etags():
    told = Told().write(0, 1, "create", "a", "x", 1)
    told.write(2, 9, "update", "a", "y", 2, etag="e1")
    refused = Write("update", (("a", "z"),), "e1")
    assert told.call(2, 9, refused, Refused("ETAG_MISMATCH")).holds
    both = Told().write(0, 1, "create", "a", "x", 1)
    assert not both.write(2, 9, "update", "a", "y", 2, etag="e1").write(2, 9, "update", "a", "z", 3, etag="e1").holds
    assert not Told().write(0, 1, "create", "a", "x", 1).call(2, 3, refused, Refused("ETAG_MISMATCH")).holds


def test_deletions_and_returns():
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "delete", "a", None, 2, of="x")
    told.read(4, 5, "a", "x", 2, deleted=True).list(6, 7).list(8, 9, ("a", "x", 2, True), shows_deleted=True)
    told.call(10, 11, Write("update", (("a", "y"),)), Refused("RESOURCE_NOT_FOUND"))
    told.write(12, 13, "undelete", "a", None, 3, of="x").list(14, 15, ("a", "x", 3))
    assert told.holds
    assert not Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "undelete", "a", None, 2, of="x").holds
    # It comes back as another version.
    again = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "delete", "a", None, 2, of="x")
    assert not again.write(4, 5, "undelete", "a", None, 1, of="x").holds


def test_what_is_written_together_is_seen_together():
    def told():
        call = Write("apply", (("a", "x"), ("b", "y")))
        return Told().call(0, 9, call, Answer((seen("a", "x", 1), seen("b", "y", 2)), "r2"))

    assert told().list(1, 2).list(3, 4, ("a", "x", 1), ("b", "y", 2)).holds
    assert not told().list(1, 2, ("a", "x", 1)).holds
    assert not told().read(1, 2, "b", "y", 2).read(3, 4, "a", None, 0).holds


def test_a_list_shows_one_moment():
    told = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "create", "b", "y", 2)
    told.write(4, 5, "update", "a", "z", 3)
    assert not told.list(4, 9, ("a", "x", 1), ("b", "w", 4)).holds
    # Each record was there, but never both of them.
    torn = Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "update", "a", "z", 2)
    assert not torn.write(4, 5, "create", "b", "y", 3).list(0, 9, ("a", "x", 1), ("b", "y", 3)).holds


def test_a_list_by_a_filter():
    told = Told().write(0, 1, "create", "a", "amber-1", 1).write(2, 3, "create", "b", "blue-1", 2)
    assert told.list(4, 5, ("b", "blue-1", 2), beginning="blue").holds
    assert not told.list(6, 7, ("a", "amber-1", 1), beginning="blue").holds


def test_a_write_without_an_answer_may_have_happened_until_its_registry_was_dead():
    def told():
        return Told().write(0, 1, "create", "a", "x", 1).lost(2, 5, "update", "a", "y")

    assert told().read(6, 7, "a", "x", 1).holds
    assert told().read(6, 7, "a", "y", 2).holds
    assert told().read(3, 4, "a", "x", 1).read(6, 7, "a", "y", 2).holds
    assert not told().read(6, 7, "a", "x", 1).read(8, 9, "a", "y", 2).holds
    # Its version gets a name when it is seen, and keeps it.
    assert not told().read(6, 7, "a", "y", 2).read(8, 9, "a", "y", 3).holds
    assert not told().read(6, 7, "a", "y", 1).holds


def test_a_write_without_an_answer_that_could_do_nothing_at_first_may_do_something_later():
    told = Told().write(0, 1, "create", "a", "x", 1).lost(2, 9, "undelete", "a", None)
    told.write(3, 4, "delete", "a", None, 2, of="x").read(10, 11, "a", "x", 3)
    assert told.holds


def test_a_repeated_request_happens_once():
    def told():
        return Told().write(0, 1, "create", "a", "x", 1).write(2, 3, "update", "a", "y", 2, head="r2", request_id="q")

    assert told().write(4, 5, "update", "a", "y", 2, head="r2", request_id="q", replayed=True).holds
    assert not told().write(4, 5, "update", "a", "y", 3, head="r3", request_id="q").holds
    lost = Told().write(0, 1, "create", "a", "x", 1).lost(2, 3, "update", "a", "y", "q")
    assert lost.write(4, 5, "update", "a", "y", 2, head="r2", request_id="q").read(6, 7, "a", "y", 2).holds
    lost = Told().write(0, 1, "create", "a", "x", 1).lost(2, 3, "update", "a", "y", "q").read(3.5, 3.6, "a", "y", 2)
    assert not lost.write(4, 5, "update", "a", "y", 3, head="r3", request_id="q").holds


def test_reads_at_revisions_and_times():
    def told():
        told = Told().write(0, 1, "create", "a", "x", 1, "r1").write(2, 3, "update", "a", "y", 2, "r2")
        return told.write(4, 5, "update", "a", "z", 3, "r3")

    assert told().read(6, 7, "a", "y", 2, "r2", revision="r2").holds
    assert not told().read(6, 7, "a", "z", 3, "r2", revision="r2").holds
    assert not told().read(6, 7, "a", "y", 2, "r3", revision="r2").holds
    assert told().read(6, 7, "a", "y", 2, "r2", time=2500).holds
    assert told().read(6, 7, "a", "x", 1, "r1", time=1000).holds
    assert not told().read(6, 7, "a", "x", 1, "r1", time=2000).holds
    assert told().read(6, 7, "a", None, 0, revision="r1").holds is False
    assert told().read(6, 7, "b", None, 0, revision="r1").holds


def test_the_revision_of_an_answer_is_the_present_one():
    told = Told().write(0, 1, "create", "a", "x", 1, "r1").write(2, 3, "create", "b", "y", 2, "r2")
    assert not replace_last(told, lambda told: told.read(4, 5, "a", "x", 1, "r1")).holds
    assert replace_last(told, lambda told: told.read(4, 5, "a", "x", 1, "r2")).holds
    fresh = Told().write(0, 1, "create", "a", "x", 1, "r1")
    assert not fresh.read(2, 3, "a", "x", 1, "r1", fresh="r9").holds


def replace_last(told, add):
    """The history with another call."""
    longer = Told()
    longer.operations = list(told.operations)
    return add(longer)


def test_history_that_was_compacted():
    def told():
        told = Told().write(0, 1, "create", "a", "x", 1, "r1").write(2, 3, "create", "b", "y", 2, "r2")
        told.write(4, 5, "update", "a", "z", 3, "r3")
        return told.call(6, 9, Compact("r3"), Answer())

    gone = Refused("REVISION_COMPACTED")
    assert told().call(10, 11, Read("a", revision="r1"), gone).holds
    assert told().call(7, 8, Read("a", revision="r1"), gone).holds
    assert told().read(7, 8, "a", "x", 1, "r1", revision="r1").holds
    assert not told().call(10, 11, Read("a", revision="r3"), gone).holds
    assert not told().read(10, 11, "a", "x", 1, "r2", revision="r2").holds
    # A version is found by its own revision as long as it is kept.
    assert told().read(10, 11, "b", "y", 2, "r2", revision="r2").holds
    assert not told().call(0, 0.5, Read("a", revision="r1"), gone).holds


def test_a_follower_may_be_behind_and_never_goes_back():
    def told():
        return Told().write(0, 1, "create", "a", "x", 1, "r1").write(2, 3, "update", "a", "y", 2, "r2")

    behind = told().read(4, 5, "a", "x", 1, "r1", by_follower=True).read(6, 7, "a", "y", 2, "r2", by_follower=True)
    assert behind.holds
    assert gone_back(behind.operations, behind.verdict(), RegistryModel(behind.operations, KEYS)) is None
    back = told().read(4, 5, "a", "y", 2, "r2", by_follower=True).read(6, 7, "a", "x", 1, "r1", by_follower=True)
    assert back.holds
    assert gone_back(back.operations, back.verdict(), RegistryModel(back.operations, KEYS)) is not None
    assert not told().read(4, 5, "a", "x", 1, "r2", by_follower=True).holds
    assert not told().read(4, 5, "a", "x", 1, "r1", by_follower=True, fresh="r2").holds


def test_the_order_of_the_writes_can_be_claimed():
    told = Told().write(0, 9, "create", "a", "x", 1).write(0, 9, "create", "b", "y", 2).lost(0, 9, "update", "a", "z")
    for order in ([[0], [1]], [[1], [0]], [[0], [2], [1]], [[0], [1], [2]], [[0, 2], [1]], [[0], [1, 2], [2, 1]]):
        assert told.verdict(order).is_linearizable, order
    for order in ([[1], [2], [0]], [[0]], [[2], [0], [1]], [[2, 1], [0, 2], [1]]):
        verdict = told.verdict(order)
        assert not verdict.is_linearizable or verdict.state.node.depth != len(order), order


def test_what_was_seen_of_one_key_can_be_looked_at_alone():
    told = Told().write(0, 1, "create", "a", "x", 1, "r1").write(2, 3, "create", "b", "y", 2, "r2")
    told.read(4, 5, "b", None, 0).list(6, 7, ("a", "x", 1), ("b", "y", 2))

    def holds(key):
        part = projected(told.operations, key)
        return check(part, RegistryModel(part, [key])).is_linearizable

    assert holds("a") and not holds("b")


@pytest.mark.parametrize("seed", range(20))
def test_histories_that_happened_hold_and_changed_ones_do_not(seed):
    """Against a registry that does one call after the other, with callers whose calls overlap."""
    chance = random.Random(seed)
    told = random_history(chance, 80)
    assert told.holds, told.verdict()
    shown = [
        index
        for index, operation in enumerate(told.operations)
        if isinstance(operation.call, Read) and isinstance(operation.outcome, Answer) and operation.outcome.records
    ]
    index = chance.choice(shown)
    record = told.operations[index].outcome.records[0]
    # A version that is nobody's.
    wrong = replace(told.operations[index], outcome=Answer((replace(record, content="never"),)))
    told.operations[index] = wrong
    assert not told.holds


def random_history(chance, count):
    told = Told()
    records = {}
    version = 0
    moment = 0.0
    for number in range(count):
        # Each happens at a moment of its own, within a time that overlaps with that of others.
        moment += 1
        start, end = moment - chance.random() * 3, moment + chance.random() * 3
        key = chance.choice(KEYS)
        verb = chance.choice(["create", "update", "delete", "undelete", "read", "read", "list"])
        content, deleted, at = records.get(key, (None, False, 0))
        if verb == "read":
            told.read(start, end, key, content, at, deleted=deleted)
            continue
        if verb == "list":
            live = [(key, *records[key][::2]) for key in sorted(records) if not records[key][1]]
            told.list(start, end, *live)
            continue
        new = f"v{number}" if verb in ("create", "update") else None
        call = Write(verb, ((key, new),))
        if verb == "create" and content or verb == "undelete" and content and not deleted:
            told.call(start, end, call, Refused("RESOURCE_EXISTS"))
        elif verb != "create" and (content is None or deleted and verb != "undelete"):
            told.call(start, end, call, Refused("RESOURCE_NOT_FOUND"))
        else:
            version += 1
            records[key] = (new or content, verb == "delete", version)
            told.write(start, end, verb, key, new, version, of=content)
    return told
