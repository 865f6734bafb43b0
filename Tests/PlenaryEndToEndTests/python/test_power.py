"""Power that fails, and a disk that fails or is full, as a library plays them that stands between plenaryd and the disk."""

import random
import signal

import grpc
import pytest

from plenary_testing import binary, run
from plenary_testing.registry import Refusal, RegistryClient, plenaryd
from plenary_testing.writers import Writers, check, check_database

CUTS = 6
CUTS_FULL = 60

# As for kill -9: another store is begun after so many.
CUTS_PER_STORE = 6

FULL_ONLY = pytest.mark.full


class Disk:
    """The faults of one daemon's disk."""

    def __init__(self, folder, seed, **settings):
        self._folder = folder
        folder.mkdir()
        self.env = {
            "LD_PRELOAD": binary("libCDiskFaults.so"),
            "PLENARY_DISK_FAULTS": str(folder),
            "PLENARY_DISK_FAULTS_SEED": str(seed),
            **settings,
        }

    def begin(self, fault):
        (self._folder / fault).touch()

    def end(self, fault):
        (self._folder / fault).unlink()


def cut_once(api, data, disk, turn, moment):
    """Has callers write until the power fails, and returns what they were promised."""
    daemon = plenaryd(data=data, env=disk.env)
    with RegistryClient(api, daemon.address) as client:
        writers = Writers(api, client, turn)
        writers.start()
        writers.wait_for(moment)
        disk.begin("cut")
        assert daemon.wait() == -signal.SIGKILL
        writers.finish()
    return writers.acknowledged


@pytest.mark.parametrize("cuts", [CUTS, pytest.param(CUTS_FULL, marks=FULL_ONLY)])
def test_power_cuts_lose_nothing_that_was_acknowledged(api, tmp_path, cuts):
    chance = random.Random(cuts)
    promised = 0
    acknowledged = {}
    for turn in range(cuts):
        data = tmp_path / f"store-{turn // CUTS_PER_STORE}"
        if turn % CUTS_PER_STORE == 0:
            acknowledged = {}
        seed = chance.getrandbits(32)
        # Shown if the test fails: the cut follows from it, and from what was under way.
        print(f"cut {turn}, seed {seed}")
        disk = Disk(tmp_path / f"faults-{turn}", seed)
        acknowledged |= cut_once(api, data, disk, turn, chance.choice([1, 20, 60, 150]))
        with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
            themes = check(client, acknowledged, api)
        check_database(data / "plenary.db", len(themes))
        verified = run("plenaryd", "verify", "--data", data)
        assert verified.returncode == 0, verified.stdout + verified.stderr
        promised += len(acknowledged)
    assert promised >= 20 * cuts


@pytest.mark.parametrize("cuts", [CUTS, pytest.param(CUTS_FULL, marks=FULL_ONLY)])
def test_with_less_than_full_synchronous_the_same_cuts_lose_something(api, tmp_path, cuts):
    """The test of the test: a store that does not sync each commit is caught."""
    chance = random.Random(cuts)
    lost = 0
    for turn in range(cuts):
        data = tmp_path / f"store-{turn}"
        disk = Disk(tmp_path / f"faults-{turn}", chance.getrandbits(32), PLENARY_DISK_FAULTS_NORMAL="1")
        acknowledged = cut_once(api, data, disk, turn, 60)
        with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
            there = {theme.name for page in client.pages("ListThemes", page_size=1000) for theme in page}
        lost += len(acknowledged.keys() - there)
    assert lost > 0


def test_a_disk_that_fails_to_sync_ends_the_daemon_and_loses_nothing(api, tmp_path):
    data = tmp_path / "data"
    disk = Disk(tmp_path / "faults", seed=1)
    daemon = plenaryd(data=data, env=disk.env)
    with RegistryClient(api, daemon.address) as client:
        acknowledged = [client.CreateTheme(theme_id=f"t{number}", theme=api.theme(f"T{number}")) for number in range(3)]
        disk.begin("fail-sync")
        with pytest.raises(grpc.RpcError) as failed:
            client.CreateTheme(theme_id="unknown", theme=api.theme("Unknown"))
        refusal = Refusal(failed.value)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "OUTCOME_UNKNOWN")
        assert daemon.wait() == 70
    assert "store.failed" in daemon.log
    with plenaryd(data=data) as again, RegistryClient(api, again.address) as client:
        for theme in acknowledged:
            assert client.GetTheme(name=theme.name) == theme
        # Whether the last one is there nobody can know; that it can be asked again is what counts.
        client.UpdateTheme(theme=api.theme("Another", name="themes/unknown"), allow_missing=True)
    assert run("plenaryd", "verify", "--data", data).returncode == 0


def test_a_full_disk_refuses_writes_and_goes_on_with_reads(api, tmp_path):
    data = tmp_path / "data"
    disk = Disk(tmp_path / "faults", seed=1)
    with plenaryd("--set", "store.ballast_bytes=1MiB", data=data, env=disk.env) as daemon:
        with RegistryClient(api, daemon.address) as client:
            kept = client.CreateTheme(theme_id="kept", theme=api.theme())
            assert client.GetStoreStatus().health.ballast == api.StoreHealth.HELD
            assert (data / "ballast").stat().st_size == 1 << 20
            disk.begin("full")
            text = api.text("x" * 19_000)
            refusal = client.refusal("CreateTheme", theme_id="t", theme=api.theme("Long", definition=text))
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
            assert client.GetTheme(name=kept.name) == kept
            disk.end("full")
            # The real disk has room for the ballast again at once.
            client.CreateTheme(theme_id="t", theme=api.theme("Long", definition=text))
            assert client.GetStoreStatus().health.ballast == api.StoreHealth.HELD
    assert not (data / "ballast").exists()
    assert run("plenaryd", "verify", "--data", data).returncode == 0
