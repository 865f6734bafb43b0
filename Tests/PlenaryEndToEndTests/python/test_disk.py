"""A disk that is full and has space again, and one that cannot be written to."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess

import grpc
import pytest

from plenary_testing import run
from plenary_testing.calls import until
from plenary_testing.registry import Refusal, RegistryClient, plenaryd

DISK_BYTES = 24 << 20

# What is left for the store once the ballast lies on the disk.
LEFT_BYTES = 4 << 20


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own."""
    path = tmp_path / "disk"
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0700", "plenary-test", path]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no mount, which makes the small disk that this test fills")
    if mounted.returncode != 0:
        pytest.skip(f"a small disk to fill cannot be mounted here: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


def fill(ballast, leaving):
    """Fills the disk, but for so many bytes."""
    free = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - leaving))


def theme_of_100_kb(api, number):
    values = {f"en-x-{part}": f"{number} " + "x" * 19_000 for part in range(5)}
    return api.theme(f"Theme {number}", definition=api.LocalizedText(values=values))


def test_a_full_disk_refuses_writes_and_loses_nothing(api, disk):
    data = disk / "data"
    ballast = disk / "ballast"
    stored = {}

    def create(client, number):
        theme = client.CreateTheme(theme_id=f"t{number}", theme=theme_of_100_kb(api, number))
        stored[theme.name] = theme

    def expect_all(client):
        for name, theme in stored.items():
            assert client.GetTheme(name=name) == theme
        listed = [theme.name for page in client.pages("ListThemes") for theme in page]
        assert listed == sorted(stored)

    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        create(client, 0)
        fill(ballast, leaving=LEFT_BYTES)
        refusal = None
        for number in range(1, 200):
            try:
                create(client, number)
            except grpc.RpcError as error:
                refusal = Refusal(error)
                break
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
        assert len(stored) > 1

        # Reads go on, small writes that need space are refused as well or whole, and an import is all or nothing.
        expect_all(client)
        with contextlib.suppress(grpc.RpcError):
            create(client, 500)
        records = [api.Record(theme=api.theme(f"Batch {n}", name=f"themes/batch-{n}")) for n in range(2000)]
        with pytest.raises(grpc.RpcError) as full:
            client.import_records(records)
        assert Refusal(full.value).reason == "LIMIT_REACHED"
        expect_all(client)

        ballast.unlink()
        create(client, 1000)
        assert client.import_records(records[:10]).summary.applied
        stored |= {f"themes/batch-{n}": client.GetTheme(name=f"themes/batch-{n}") for n in range(10)}
        expect_all(client)
        # One line about it, and not one for each call.
        assert 1 <= daemon.log.count("store.full") <= 2

    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        expect_all(client)
    with contextlib.closing(sqlite3.connect(data / "plenary.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT count(*), max(rev) FROM ver").fetchone() == (len(stored), len(stored))
        assert database.execute("SELECT count(*), max(rev) FROM audit").fetchone() == (len(stored), len(stored))


def test_the_access_log_counts_what_it_cannot_write_on_a_full_disk(api, disk):
    data, ballast = disk / "data", disk / "ballast"
    token = json.loads(run("plenaryd", "init", "--data", data, "--output", "json").stdout)["token"]
    options = ("--set", "auth.required=true", "--set", "store.ballast_bytes=0")
    with (
        plenaryd(*options, data=data) as daemon,
        RegistryClient(api, daemon.address, token=token) as admin,
        RegistryClient(api, daemon.address) as nobody,
    ):
        def refuse(times):
            for _ in range(times):
                assert nobody.refusal("ListThemes").reason == "CREDENTIALS_MISSING"

        def entries():
            return list(admin.ListAccessEntries(outcome="REFUSED").entries)

        refuse(1)
        assert [entry.count for entry in entries()] == [1]
        # Also where the last block of the log has room for one more batch.
        fill(ballast, leaving=0)
        refuse(7)
        until(lambda: daemon.log, lambda log: "access.log" in log)
        # Nobody waits for it.
        assert not admin.ListThemes().themes
        ballast.unlink()
        refuse(1)
        found = until(entries, lambda found: sum(entry.count for entry in found) == 9)
        assert [entry.count for entry in found if entry.only_counted] == [7]
        assert run("plenary", "verify", "--server", daemon.address, env={"PLENARY_TOKEN": token}).returncode == 0
    done = run("plenaryd", "verify", "--data", data)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_daemon_that_finds_no_space_to_start_says_so(api, disk):
    data = disk / "data"
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        before = client.CreateTheme(theme_id="t", theme=api.theme())
    fill(disk / "ballast", leaving=0)
    assert re.search("no space is left.*free some", failing_line(data))
    (disk / "ballast").unlink()
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        assert client.GetTheme(name="themes/t") == before


def test_a_place_that_cannot_be_written_to_is_named(disk):
    with plenaryd(data=disk / "data"):
        pass
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for data in [disk / "data", disk / "other"]:
        assert "Read-only file system" in failing_line(data)


def failing_line(data):
    """The line in which a daemon that does not start says why; it names the place, and what to do."""
    done = run("plenaryd", "run", "--listen", "127.0.0.1:0", "--data", data)
    assert done.returncode == 1
    assert re.fullmatch(r"error: .+\n", done.stderr) and str(data) in done.stderr
    return done.stderr
