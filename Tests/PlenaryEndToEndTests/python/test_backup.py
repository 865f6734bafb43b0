"""Backups, restores and verifications, over the API and at the command line."""

import contextlib
import json
import shutil
import sqlite3

import grpc
import pytest
from google.protobuf import duration_pb2

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS
from plenary_testing.operations import Operations, unpacked
from plenary_testing.registry import RegistryClient, plenaryd

def backup_of(client, api, **fields):
    ended = Operations(client).finish(client.BackupRegistry(**fields))
    assert ended.WhichOneof("result") == "response", ended
    return unpacked(ended.response, api.BackupRegistryResponse).backup


def change_database(data, sql):
    with contextlib.closing(sqlite3.connect(data / "plenary.db")) as database:
        database.execute(sql)
        database.commit()


def test_a_registry_is_backed_up_wiped_and_restored(api, tmp_path):
    data, backups = tmp_path / "data", tmp_path / "backups"
    with plenaryd("--set", f"backup.directory={backups}", data=data) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        client.UpdateTheme(theme=api.theme("Later", name="themes/later"), allow_missing=True)
        before = client.export()
        token = client.ask("ListThemes", page_size=1).next_page_token
        made = json.loads(run("plenary", "--server", daemon.address, "backup", "one", "--output", "json").stdout)
        assert made["path"] == str(backups / "one")
        taken = run("plenary", "--server", daemon.address, "backup", "one")
        assert taken.returncode == 5 and "RESOURCE_EXISTS" in taken.stderr
        # What comes after the backup is lost with the disk.
        client.CreateTheme(theme_id="lost", theme=api.theme("Lost"))
        in_use = run("plenaryd", "restore", backups / "one", "--data", data, "--replace")
        assert in_use.returncode == 1 and "in use" in in_use.stderr
    there = run("plenaryd", "restore", backups / "one", "--data", data)
    assert there.returncode == 1 and "--replace" in there.stderr
    shutil.rmtree(data)

    done = run("plenaryd", "restore", backups / "one", "--data", data, "--output", "json")
    assert done.returncode == 0, done.stderr
    restored = json.loads(done.stdout)
    assert restored["epoch"] == 2
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        # The digest of a registry is that of its canonical export.
        assert client.export() == before
        refusal = client.refusal("ListThemes", page_size=1, page_token=token)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.OUT_OF_RANGE, "EPOCH_CHANGED")
        client.CreateTheme(theme_id="lost", theme=api.theme("Again"))
    verified = run("plenaryd", "verify", "--data", data, "--output", "json")
    assert verified.returncode == 0 and json.loads(verified.stdout)["sound"]


def test_operations_are_those_of_the_standard_service(api, tmp_path):
    with plenaryd(data=tmp_path / "data") as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        service = Operations(client)
        assert not service.list().operations
        begun = client.BackupRegistry(backup_id="first")
        assert begun.name.startswith("operations/x-")
        ended = service.finish(begun)
        backup = unpacked(ended.response, api.BackupRegistryResponse).backup
        assert (backup.backup_id, backup.path) == ("first", str(tmp_path / "data/backups/first"))
        assert backup.size_bytes == (tmp_path / "data/backups/first/plenary.db").stat().st_size
        metadata = unpacked(ended.metadata, api.UpkeepMetadata)
        assert metadata.verb == "BackupRegistry" and metadata.end_time.ToNanoseconds() >= metadata.create_time.ToNanoseconds()
        assert metadata.total_count == metadata.done_count > 0
        assert service.get(name=begun.name) == ended
        # A name is made of the time where none is given; the newest operation comes first.
        second = backup_of(client, api)
        assert second.backup_id.startswith("backup-2")
        verified = service.finish(client.VerifyRegistry(depth=api.VerifyRegistryRequest.QUICK))
        found = unpacked(verified.response, api.VerifyRegistryResponse)
        assert found.sound and found.depth == api.VerifyRegistryRequest.QUICK and not found.findings
        assert [operation.name for operation in service.list().operations][0] == verified.name
        page = service.list(page_size=2)
        rest = service.list(page_size=2, page_token=page.next_page_token)
        assert len(page.operations) == 2 and len(rest.operations) == 1 and not rest.next_page_token
        # One that has ended stays as it is when it is cancelled, and goes when it is deleted.
        service.cancel(name=begun.name)
        assert service.get(name=begun.name) == ended
        service.delete(name=begun.name)
        for method in ["get", "wait", "cancel", "delete"]:
            refusal = service.refusal(method, name=begun.name)
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
        health = client.GetStoreStatus().health
        assert health.last_backup.revision == second.revision
        assert health.last_verification == found


def test_what_is_asked_wrongly_is_refused(api, start):
    client, _ = start()
    service = Operations(client)
    for method, fields, code, reason in [
        ("list", {"page_size": -1}, "INVALID_ARGUMENT", "PAGE_SIZE_INVALID"),
        ("list", {"filter": "done = true"}, "INVALID_ARGUMENT", "FILTER_SYNTAX"),
        ("list", {"name": "other"}, "INVALID_ARGUMENT", "ID_INVALID"),
        ("list", {"page_token": "x"}, "INVALID_ARGUMENT", "PAGE_TOKEN_INVALID"),
        ("get", {"name": "operations/none"}, "NOT_FOUND", "RESOURCE_NOT_FOUND"),
    ]:
        refusal = service.refusal(method, **fields)
        assert (refusal.code.name, refusal.reason) == (code, reason)
    # A registry in memory has no place for backups unless one is set.
    refusal = client.refusal("BackupRegistry")
    assert (refusal.code.name, refusal.reason) == ("FAILED_PRECONDITION", "BACKUP_PLACE_MISSING")
    refusal = client.refusal("VerifyRegistry", depth=9)
    assert refusal.code == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("backup_id", ["../out", "/tmp/x", "A", "latest", "a/b", "-"])
def test_a_backup_stays_in_its_directory(api, start, tmp_path, backup_id):
    client, _ = start("--set", f"backup.directory={tmp_path}")
    refusal = client.refusal("BackupRegistry", backup_id=backup_id)
    assert (refusal.code.name, refusal.reason) == ("INVALID_ARGUMENT", "ID_INVALID")
    assert not list(tmp_path.iterdir())


def test_a_backup_that_cannot_be_made_says_why(api, start, tmp_path):
    (tmp_path / "file").write_text("in the way")
    client, daemon = start("--set", f"backup.directory={tmp_path}/file")
    ended = Operations(client).finish(client.BackupRegistry())
    assert ended.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert str(tmp_path) in ended.error.message
    done = run("plenary", "--server", daemon.address, "backup")
    assert done.returncode == 8 and "STORE_UNAVAILABLE" in done.stderr


def test_damage_is_found_and_told_at_the_command_line(api, tmp_path):
    data = tmp_path / "data"
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        backup = backup_of(client, api, backup_id="good")
        sound = run("plenary", "--server", daemon.address, "doctor", "--full")
        assert sound.returncode == 0, sound.stdout + sound.stderr
        assert "sound (full)" in sound.stdout and "made today" in sound.stdout
    # One byte of one old body.
    change_database(data, "UPDATE ver SET body = body || x'00' WHERE rev = 7")
    damaged = run("plenaryd", "verify", "--data", data, "--output", "json")
    report = json.loads(damaged.stdout)
    assert damaged.returncode == 1 and report["firstBadRevision"] == 7 and not report["sound"]
    assert "damaged" in damaged.stderr and "restore" in damaged.stderr
    quick = run("plenaryd", "verify", "--quick", "--data", data)
    assert quick.returncode == 0
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        verified = run("plenary", "--server", daemon.address, "verify", "--output", "json")
        found = json.loads(verified.stdout)
        assert verified.returncode == 9 and found["firstBadRevision"] and len(found["findings"]) == 1
        assert run("plenary", "--server", daemon.address, "verify", "--quick").returncode == 0
        doctor = run("plenary", "--server", daemon.address, "doctor", "--full", "--output", "json")
        checks = {check["subject"]: check for check in json.loads(doctor.stdout)}
        assert doctor.returncode == 9 and checks["data"]["verdict"] == "bad" and "restore" in checks["data"]["advice"]
        listed = run("plenary", "--server", daemon.address, "operation", "list")
        assert listed.stdout.count("VerifyRegistry, done") == 3
    # The way out that was told.
    done = run("plenaryd", "restore", backup.path, "--data", tmp_path / "other")
    assert done.returncode == 0, done.stderr
    assert run("plenaryd", "verify", "--data", tmp_path / "other").returncode == 0
    assert run("plenaryd", "verify", backup.path).returncode == 0


def test_a_damaged_backup_is_not_restored(api, tmp_path):
    data = tmp_path / "data"
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        path = backup_of(client, api).path
    with open(f"{path}/plenary.db", "r+b") as database:
        database.seek(50_000)
        byte = database.read(1)
        database.seek(50_000)
        database.write(bytes([byte[0] ^ 1]))
    for command in [("restore", path, "--data", tmp_path / "other"), ("verify", path)]:
        done = run("plenaryd", *command)
        assert done.returncode == 1 and "manifest" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "other/plenary.db").exists()


def test_a_stopped_store_is_backed_up_without_a_daemon(api, tmp_path):
    data = tmp_path / "data"
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        in_use = run("plenaryd", "backup", tmp_path / "copy", "--data", data)
        assert in_use.returncode == 1 and "in use" in in_use.stderr
    done = run("plenaryd", "backup", tmp_path / "copy", "--data", data, "--output", "json")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "copy/manifest.json").read_text())
    assert manifest["sha256"] == json.loads(done.stdout)["sha256"]
    missing = run("plenaryd", "verify", "--data", tmp_path / "none")
    assert missing.returncode == 1 and "there is no store" in missing.stderr
    assert not (tmp_path / "none").exists()
