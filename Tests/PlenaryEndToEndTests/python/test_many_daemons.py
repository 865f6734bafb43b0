"""Many registries at once, as test suites of other projects run them."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from plenary_testing.registry import RegistryClient, plenaryd

COUNT = 50

# Where stores in memory are; the name of each begins so, and that of its lock ends so.
SHARED_MEMORY = Path("/dev/shm")
LOCKS = "plenary-memory-*.lock"
HAS_SHARED_MEMORY = os.access(SHARED_MEMORY, os.W_OK)


def places(daemons):
    """What the daemons have in shared memory: a lock with the number of its process, and a directory beside it."""
    found = []
    for lock in SHARED_MEMORY.glob(LOCKS):
        try:
            process = int(lock.read_text() or 0)
        except FileNotFoundError:
            # That of a daemon of somebody else, which has ended meanwhile.
            continue
        if process in [daemon.pid for daemon in daemons]:
            found += [lock, lock.with_suffix("")]
    return found


def test_fifty_registries_in_memory_at_once_share_nothing(api):
    with ExitStack() as stack, ThreadPoolExecutor(8) as threads:
        daemons = list(threads.map(lambda _: stack.enter_context(plenaryd()), range(COUNT)))
        assert len({daemon.address for daemon in daemons}) == COUNT
        clients = [stack.enter_context(RegistryClient(api, daemon.address)) for daemon in daemons]

        def fill(number):
            clients[number].CreateTheme(theme_id="mine", theme=api.theme(f"Theme {number}"))
            clients[number].CreateTheme(theme_id=f"of-{number}", theme=api.theme(f"Of {number}"))

        list(threads.map(fill, range(COUNT)))
        revisions = set()
        for number, client in enumerate(clients):
            assert client.names("ListThemes") == ["themes/mine", f"themes/of-{number}"]
            mine = client.GetTheme(name="themes/mine")
            assert mine.pref_label.values["en"] == f"Theme {number}"
            revisions.add(mine.revision)
        # Not even their tokens are alike.
        assert len(revisions) == COUNT

        in_memory = places(daemons)
        assert len(in_memory) == (2 * COUNT if HAS_SHARED_MEMORY else 0)
        for daemon in daemons:
            daemon.signal(signal.SIGTERM)
        assert [daemon.wait() for daemon in daemons] == [0] * COUNT
        assert [place for place in in_memory if place.exists()] == []


@pytest.mark.skipif(not HAS_SHARED_MEMORY, reason="there is no /dev/shm, where stores in memory are")
def test_what_a_killed_registry_in_memory_leaves_behind_is_swept_by_the_next(api):
    with plenaryd() as killed, RegistryClient(api, killed.address) as client:
        client.CreateTheme(theme_id="lost", theme=api.theme())
        left_behind = places([killed])
        killed.kill()
        assert left_behind and all(place.exists() for place in left_behind)
        with plenaryd() as next_one, RegistryClient(api, next_one.address) as other:
            assert [place for place in left_behind if place.exists()] == []
            assert other.names("ListThemes") == []
