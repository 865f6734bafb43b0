"""What concurrent callers see can have happened one call after the other, although the daemon is killed meanwhile.

Callers read and write a few themes by chance; what they saw is held against a model of the registry. Every history is made
from a seed, which is printed; what the threads of the daemon make of it is their own.
"""

import shutil

import pytest

from plenary_testing.callers import Callers, Plan
from plenary_testing.registry_model import Answer, Read, Write, explain, verdict_of

SEEDS = range(1, 5)
SEEDS_FULL = range(100, 200)


@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.full) for seed in SEEDS_FULL)])
def test_what_callers_see_happened_one_call_after_the_other(api, tmp_path, seed):
    print(f"seed {seed}")
    callers = Callers(api, Plan(seed, kills=seed % 3), tmp_path)
    operations = callers.run()
    verdict = verdict_of(operations, callers.keys)
    assert verdict.is_linearizable, explain(operations, callers.keys, verdict)
    # It says something only if much happened.
    assert len(operations) > 200
    for kind, least in [(Write, 30), (Read, 30)]:
        answered = [found for found in operations if isinstance(found.call, kind) and isinstance(found.outcome, Answer)]
        assert len(answered) >= least


@pytest.mark.parametrize("seed", [1, 2])
def test_stale_reads_are_found(api, tmp_path, seed):
    """The control: some reads show what was there a while ago, as a cache that nobody empties would."""
    callers = Callers(api, Plan(seed, kills=0, stale=0.2), tmp_path)
    operations = callers.run()
    assert not verdict_of(operations, callers.keys).is_linearizable
    # One key at a time shows it too.
    assert "wrong by themselves: ['t" in explain(operations, callers.keys, verdict_of(operations, callers.keys))


def test_acknowledged_writes_that_are_lost_are_found(api, tmp_path):
    """The control: the daemon comes back with the store of a while ago, as after a disk that has lied."""
    data, old = tmp_path / "data", tmp_path / "old"

    def go_back(turn):
        if turn == 0:
            shutil.copytree(data, old)
        else:
            shutil.rmtree(data)
            shutil.copytree(old, data)

    callers = Callers(api, Plan(3, kills=2), data)
    operations = callers.run(between=go_back)
    assert not verdict_of(operations, callers.keys).is_linearizable
