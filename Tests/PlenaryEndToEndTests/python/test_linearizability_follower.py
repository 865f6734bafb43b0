"""What a follower shows was so on its leader, and it never goes back, although the leader is killed meanwhile."""

import pytest

from plenary_testing.callers import Callers, Plan
from plenary_testing.linearizability import check
from plenary_testing.registry_model import Answer, Read, RegistryModel, explain, gone_back

SEEDS = range(1, 3)
SEEDS_FULL = range(100, 140)


@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.full) for seed in SEEDS_FULL)])
def test_a_follower_shows_what_was_and_never_goes_back(api, tmp_path, seed):
    print(f"seed {seed}")
    callers = Callers(api, Plan(seed, kills=seed % 3, followed=0.5), tmp_path / "data")
    operations = callers.run()
    model = RegistryModel(operations, callers.keys, in_time_order=True)
    verdict = check(operations, model)
    assert verdict.is_linearizable, explain(operations, callers.keys, verdict)
    assert gone_back(operations, verdict, model) is None
    reads = [found for found in operations if isinstance(found.call, Read) and found.call.by_follower]
    assert len([found for found in reads if isinstance(found.outcome, Answer)]) >= 20
