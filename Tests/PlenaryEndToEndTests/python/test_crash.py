"""What a daemon that is killed while it writes has promised is there when it starts again."""

import random

import pytest

from plenary_testing import run
from plenary_testing.registry import RegistryClient, plenaryd
from plenary_testing.writers import Writers, check, check_database

ROUNDS = 5
ROUNDS_FULL = 60

# A store is written to so often; then another one is begun, as looking at all of it takes the longer the more there is.
ROUNDS_PER_STORE = 10


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(ROUNDS_FULL, marks=pytest.mark.full)])
def test_kill_9_loses_nothing_that_was_acknowledged(api, tmp_path, rounds):
    promised = 0
    for first in range(0, rounds, ROUNDS_PER_STORE):
        turns = range(first, min(rounds, first + ROUNDS_PER_STORE))
        promised += kill_again_and_again(api, tmp_path / str(first), turns)
    assert promised >= 30 * rounds


def kill_again_and_again(api, data, turns):
    """Kills the daemon of one store once a turn, and returns how much was acknowledged."""
    acknowledged = {}
    # Each time at another moment: while the first group is written, or later.
    moments = random.Random(turns[0])
    for turn in turns:
        with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
            check(client, acknowledged, api)
            writers = Writers(api, client, turn)
            writers.start()
            writers.wait_for(moments.choice([1, 40, 90, 150, 300]))
            daemon.kill()
            writers.finish()
            acknowledged |= writers.acknowledged
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        themes = check(client, acknowledged, api)
        # It goes on where it was.
        client.CreateTheme(theme_id="after", theme=api.theme("After"))
    check_database(data / "plenary.db", len(themes) + 1)
    done = run("plenaryd", "verify", "--data", data)
    assert done.returncode == 0, done.stdout + done.stderr
    return len(acknowledged)


def test_a_daemon_that_is_killed_again_and_again_recovers(api, start, tmp_path):
    client, daemon = start(data=tmp_path)
    client.import_records(api.example())
    before = client.export()
    daemon.kill()
    for _ in range(3):
        with plenaryd(data=tmp_path) as again:
            again.kill()
    client, _ = start(data=tmp_path)
    assert client.export() == before
