"""Followers: daemons that keep a copy of another one's registry, whatever breaks on the way."""

import contextlib
import hashlib
import json
import random
import signal
import subprocess
import time

import grpc
import pytest
from google.protobuf import field_mask_pb2

from plenary_testing import binary, run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import CLIENT, Authority
from plenary_testing.proxy import Proxy
from plenary_testing.registry import RegistryClient, plenaryd
from plenary_testing.writers import Writers, check, check_database

ROUNDS = 6
ROUNDS_FULL = 60
LAG_SECONDS = 3
DIALOGUE = "dialogues/asia-ict-ct-3"


def mask(*paths):
    return field_mask_pb2.FieldMask(paths=paths)


def level(follower, leader):
    """Waits until a follower has what its leader has now."""
    head = leader.GetReplicationStatus().current_revision
    until(follower.GetReplicationStatus, lambda status: status.current_revision == head)


def follow(start, leader, data, *options):
    return start("--follow", leader.address, *options, data=data)


@pytest.fixture
def pair(api, start, tmp_path):
    """A leader with the example, and a follower of it."""
    leader, _ = start(data=tmp_path / "leader")
    assert leader.import_records(api.example()).summary.applied
    follower, _ = follow(start, leader, tmp_path / "follower")
    return leader, follower


def exported(client):
    return [record.SerializeToString(deterministic=True) for record in client.export()]


def verified(data):
    done = run("plenaryd", "verify", "--data", data)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_follower_has_the_records_the_history_and_the_tokens_of_its_leader(api, pair):
    leader, follower = pair
    for number in range(5):
        dialogue = api.Dialogue(name=DIALOGUE, title=api.text(f"Title {number}"))
        leader.UpdateDialogue(dialogue=dialogue, update_mask=mask("title"))
    leader.CreateTheme(theme_id="gone", theme=api.theme("Gone"))
    gone = leader.DeleteTheme(name="themes/gone")
    level(follower, leader)
    assert exported(follower) == exported(leader)
    assert follower.GetDialogue(name=DIALOGUE) == leader.GetDialogue(name=DIALOGUE)
    assert follower.GetTheme(name="themes/gone") == leader.GetTheme(name="themes/gone") == gone
    versions = follower.ListDialogueRevisions(parent=DIALOGUE)
    assert versions == leader.ListDialogueRevisions(parent=DIALOGUE)
    assert len(versions.dialogue_revisions) == 6
    old = follower.ask("GetDialogue", name=DIALOGUE, read_time=leader.GetTheme(name="themes/gone").create_time)
    assert old.title.values["en"] == "Title 4"
    answer, headers = follower.ask_with_headers("GetDialogue", name=DIALOGUE)
    assert headers["plenary-revision"] == leader.GetStoreStatus().current_revision


def test_a_follower_refuses_writes_and_names_its_leader(api, pair):
    leader, follower = pair
    leader.CreateTheme(theme_id="gone", theme=api.theme("Gone"))
    leader.DeleteTheme(name="themes/gone")
    level(follower, leader)
    refusals = [
        follower.refusal("CreateTheme", theme_id="new", theme=api.theme("New")),
        follower.refusal("UpdateDialogue", dialogue=api.Dialogue(name=DIALOGUE), update_mask=mask("title")),
        follower.refusal("DeleteDialogue", name=DIALOGUE),
        follower.refusal("PurgeThemes", filter="*", force=True),
        follower.refusal("UndeleteTheme", name="themes/gone"),
        follower.refusal("CompactHistory", to_revision=follower.GetStoreStatus().current_revision),
    ]
    for refusal in refusals:
        assert refusal.code == grpc.StatusCode.FAILED_PRECONDITION, refusal.message
        assert refusal.reason == "READ_ONLY_FOLLOWER"
        assert refusal.metadata["leader"] == leader.address
    # What only checks is done on both.
    follower.CreateTheme(theme_id="new", theme=api.theme("New"), validate_only=True)
    done = run("plenary", "delete", DIALOGUE, "--force", "--server", follower.address)
    assert done.returncode == 6 and leader.address in done.stderr and "--server" in done.stderr, done.stderr


def test_the_copy_is_shown_by_api_and_command_line(pair):
    leader, follower = pair
    status = until(follower.GetReplicationStatus, lambda status: status.follower.connected)
    assert status.Role.Name(status.role) == "FOLLOWER"
    assert status.follower.leader == leader.address
    level(follower, leader)
    status = until(follower.GetReplicationStatus, lambda status: status.follower.HasField("lag"))
    assert status.follower.lag_change_count == 0 and status.follower.lag.ToMicroseconds() == 0
    assert follower.GetStoreStatus().follower.leader == leader.address
    assert not leader.GetStoreStatus().HasField("follower")
    told = leader.GetReplicationStatus()
    assert told.Role.Name(told.role) == "LEADER" and told.follower_count == 1
    shown = run("plenary", "follower", "status", "--server", follower.address)
    assert shown.returncode == 0, shown.stderr
    assert leader.address in shown.stdout and "connected" in shown.stdout
    as_json = json.loads(run("plenary", "follower", "status", "--server", leader.address, "-o", "json").stdout)
    assert as_json["role"] == "LEADER"
    assert leader.address in run("plenary", "status", "--server", follower.address).stdout
    found = run("plenary", "doctor", "--server", follower.address)
    assert found.returncode == 0 and "leader" in found.stdout, found.stdout + found.stderr
    for verb in ["backup", "verify"]:
        done = run("plenary", verb, "--server", follower.address)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(ROUNDS_FULL, marks=pytest.mark.full)])
def test_kill_9_of_either_loses_nothing(api, tmp_path, rounds):
    moments = random.Random(rounds)
    acknowledged = {}
    address = "127.0.0.1:0"
    follower = None
    with contextlib.ExitStack() as followers:
        for turn in range(rounds):
            with plenaryd(data=tmp_path / "leader", listen=address) as daemon:
                address = daemon.address
                with RegistryClient(api, address) as leader:
                    writers = Writers(api, leader, turn)
                    writers.start()
                    for _ in range(3):
                        # Whatever it is doing: catching up, or level with its leader.
                        writers.wait_for(len(writers.acknowledged) + moments.choice([1, 40, 90]))
                        if follower:
                            follower.kill()
                        follower = followers.enter_context(plenaryd("--follow", address, data=tmp_path / "follower"))
                    writers.wait_for(len(writers.acknowledged) + moments.choice([1, 40, 90]))
                    if turn % 2:
                        daemon.kill()
                    else:
                        writers.stop()
                    writers.finish()
                    acknowledged |= writers.acknowledged
        with plenaryd(data=tmp_path / "leader", listen=address) as daemon:
            with RegistryClient(api, address) as leader, RegistryClient(api, follower.address) as copy:
                level(copy, leader)
                themes = check(leader, acknowledged, api)
                assert exported(copy) == exported(leader)
                assert copy.GetStoreStatus().resource_counts == leader.GetStoreStatus().resource_counts
    for name in ["leader", "follower"]:
        check_database(tmp_path / name / "plenary.db", len(themes))
        verified(tmp_path / name)


def test_a_copy_that_is_cut_short_is_begun_anew(api, start, tmp_path):
    leader, _ = start(data=tmp_path / "leader")
    text = api.text("long " * 3000)
    themes = [api.Record(theme=api.theme(f"T {number}", name=f"themes/t{number}", definition=text)) for number in range(200)]
    assert leader.import_records(themes).summary.applied
    data = tmp_path / "follower"
    with Proxy(leader.address) as network:
        options = ["--listen", "127.0.0.1:0", "--data", data, "--follow", network.address, "--log-level", "warning"]
        for ending, code in [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)]:
            network.resume()
            network.pause_after(1_500_000)
            process = subprocess.Popen([binary("plenaryd"), "run", *map(str, options)], stderr=subprocess.DEVNULL)
            try:
                until(lambda: (data / "plenary.db.part").exists(), bool)
                process.send_signal(ending)
                assert process.wait(timeout=CALL_SECONDS) == code
            finally:
                process.kill()
            assert not (data / "plenary.db").exists()
            (data / "plenary.db.part").unlink(missing_ok=True)
            network.cut()
        network.resume()
        follower, _ = start("--follow", network.address, data=data)
        level(follower, leader)
        assert exported(follower) == exported(leader)
        assert not (data / "plenary.db.part").exists()
    assert not any((tmp_path / "leader").glob("copy*"))


def test_followers_are_followed_and_speak_tls(api, start, tmp_path):
    authority = Authority(tmp_path / "authority")
    server, client = authority.server(), authority.issue("follower", purpose=CLIENT)
    leader, _ = start(data=tmp_path / "leader")
    assert leader.import_records(api.example()).summary.applied
    with plenaryd(
        "--follow", leader.address,
        "--set", f"tls.certificate_file={server.certificate_file}", "--set", f"tls.key_file={server.key_file}",
        "--set", f"tls.client_authority_file={authority.certificate_file}", "--set", "tls.client_certificates=required",
        data=tmp_path / "middle",
    ) as middle:
        last, _ = start(
            "--follow", middle.address,
            "--set", f"follow.authority_file={authority.certificate_file}",
            "--set", f"follow.certificate_file={client.certificate_file}", "--set", f"follow.key_file={client.key_file}",
            data=tmp_path / "last",
        )
        theme = leader.CreateTheme(theme_id="far", theme=api.theme("Far"))
        assert last.ask("GetTheme", name=theme.name, at_least_as_fresh=theme.revision) == theme
        assert last.ask("GetTheme", name=theme.name, read_time=theme.create_time) == theme
        assert exported(last) == exported(leader)
        assert last.GetReplicationStatus().follower.leader == middle.address


def test_a_follower_goes_on_after_breaks_of_the_network(api, start, tmp_path):
    leader, daemon = start(data=tmp_path / "leader")
    with Proxy(leader.address) as network:
        follower, _ = start(
            "--follow", network.address, "--set", "follow.read_wait_max=200ms", data=tmp_path / "follower"
        )
        until(follower.GetReplicationStatus, lambda status: status.follower.connected)
        for number in range(3):
            network.cut()
            theme = leader.CreateTheme(theme_id=f"cut-{number}", theme=api.theme(f"Cut {number}"))
            level(follower, leader)
            assert follower.GetTheme(name=theme.name) == theme
        network.pause()
        theme = leader.CreateTheme(theme_id="held", theme=api.theme("Held"))
        for fields in [{"at_least_as_fresh": theme.revision}, {"revision": theme.revision}]:
            refusal = follower.refusal("GetTheme", name=theme.name, **fields)
            assert refusal.code == grpc.StatusCode.UNAVAILABLE and refusal.reason == "FOLLOWER_BEHIND"
            assert refusal.metadata["leader"] == network.address
        # Reads that ask for nothing newer go on, and one at a time that is not covered does not guess.
        assert len(follower.names("ListThemes")) == 3
        refusal = follower.refusal("GetTheme", name="themes/cut-0", read_time=theme.create_time)
        assert refusal.reason == "FOLLOWER_BEHIND"
        network.resume()
        answer = until(
            lambda: follower.names("ListThemes"), lambda names: len(names) == 4
        )
        assert theme.name in answer
        assert follower.ask("GetTheme", name=theme.name, at_least_as_fresh=theme.revision) == theme
        # A leader that says nothing is lost, and found again.
        network.pause()
        until(follower.GetReplicationStatus, lambda status: not status.follower.connected)
        network.cut()
        network.resume()
        until(follower.GetReplicationStatus, lambda status: status.follower.connected)
    # A leader that is gone keeps nobody from reading, nor from starting again.
    daemon.stop()
    assert len(follower.names("ListThemes")) == 4
    assert until(follower.GetReplicationStatus, lambda status: status.follower.failure).follower.failure


def test_a_follower_purges_and_compacts_what_its_leader_does(api, pair, tmp_path):
    leader, follower = pair
    theme = leader.CreateTheme(theme_id="much-changed", theme=api.theme("Much changed"))
    for number in range(4):
        leader.UpdateTheme(
            theme=api.theme("Much changed", name=theme.name, definition=api.text(f"Definition {number}")),
            update_mask=mask("definition"),
        )
    leader.CreateTheme(theme_id="secret", theme=api.theme("Secret"))
    level(follower, leader)
    follower.GetTheme(name="themes/secret")
    leader.DeleteTheme(name="themes/secret")
    leader.PurgeThemes(filter="*", force=True)
    level(follower, leader)
    assert follower.refusal("GetTheme", name="themes/secret").reason == "RESOURCE_NOT_FOUND"
    leader.CompactHistory(to_revision=leader.GetStoreStatus().current_revision)
    leader.CreateTheme(theme_id="after", theme=api.theme("After"))
    level(follower, leader)
    oldest = leader.GetStoreStatus().oldest_revision
    assert oldest
    until(lambda: follower.GetStoreStatus().oldest_revision, lambda found: found == oldest)
    assert exported(follower) == exported(leader)


def test_a_follower_that_is_too_far_behind_takes_a_new_copy(api, start, tmp_path):
    leader, _ = start(data=tmp_path / "leader")
    theme = leader.CreateTheme(theme_id="a", theme=api.theme("A"))
    with plenaryd("--follow", leader.address, data=tmp_path / "follower") as daemon:
        with RegistryClient(api, daemon.address) as follower:
            level(follower, leader)
    for number in range(5):
        leader.UpdateTheme(theme=api.theme(f"A {number}", name=theme.name), update_mask=mask("pref_label"))
    leader.CompactHistory(to_revision=leader.GetStoreStatus().current_revision)
    follower, daemon = follow(start, leader, tmp_path / "follower")
    # It begins with what it has, learns that it cannot go on from there, and serves the new copy at the same address.
    until(lambda: reached(follower, theme.name), lambda found: found == "A 4")
    level(follower, leader)
    assert exported(follower) == exported(leader)
    daemon.wait_for_log("follower.copy.needed")


def reached(client, name):
    """The label of a theme; nothing while the daemon begins anew."""
    try:
        return client.GetTheme(name=name).pref_label.values["en"]
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        return None


def test_a_promoted_follower_takes_writes_and_refuses_the_tokens_of_before(api, start, tmp_path):
    leader, first = start(data=tmp_path / "leader")
    assert leader.import_records(api.example()).summary.applied
    follower, second = follow(start, leader, tmp_path / "follower")
    level(follower, leader)
    token = leader.GetStoreStatus().current_revision
    page = leader.ask("ListThemes", page_size=1).next_page_token
    request = {"theme_id": "once", "theme": api.theme("Once"), "request_id": "1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b"}
    once = leader.CreateTheme(**request)
    level(follower, leader)
    early = follower.refusal("PromoteFollower")
    assert early.code == grpc.StatusCode.FAILED_PRECONDITION and early.reason == "LEADER_CONNECTED"
    assert leader.refusal("PromoteFollower").reason == "NOT_A_FOLLOWER"
    refused = run("plenary", "follower", "promote", "--server", follower.address)
    assert refused.returncode == 6, refused.stderr
    first.stop()
    until(follower.GetReplicationStatus, lambda status: not status.follower.connected)
    done = run("plenary", "follower", "promote", "--server", follower.address, "-o", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epoch"] == "2"
    status = until(lambda: asked(follower), lambda status: status and status.role == status.LEADER)
    assert status.epoch == 2
    # The request that the old leader did is known, and a new one is done.
    again = follower.CreateTheme(**request)
    assert (again.name, again.uid, again.etag) == (once.name, once.uid, once.etag)
    follower.CreateTheme(theme_id="new", theme=api.theme("New"))
    for fields in [{"revision": token}, {"at_least_as_fresh": token}]:
        refusal = follower.refusal("GetTheme", name=once.name, **fields)
        assert refusal.code == grpc.StatusCode.OUT_OF_RANGE and refusal.reason == "EPOCH_CHANGED"
    refusal = follower.refusal("ListThemes", page_size=1, page_token=page)
    assert refusal.reason in ("EPOCH_CHANGED", "PAGE_TOKEN_INVALID")
    assert run("plenary", "verify", "--server", follower.address).returncode == 0

    # The old leader does not become a follower without being asked, nor a promoted one again.
    for data, reason in [("leader", "no copy of another registry"), ("follower", "in use")]:
        refused = run("plenaryd", "run", "--listen", "127.0.0.1:0", "--data", tmp_path / data, "--follow", follower.address)
        assert refused.returncode == 1 and reason in refused.stderr, refused.stderr
    old, _ = follow(start, follower, tmp_path / "leader", "--replace")
    level(old, follower)
    assert exported(old) == exported(follower)
    second.stop()
    verified(tmp_path / "follower")


def asked(client):
    """The status of a daemon; nothing while it begins anew."""
    try:
        return client.GetReplicationStatus()
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.UNAVAILABLE
        return None


def test_a_stopped_copy_is_promoted_at_the_command_line(api, start, tmp_path):
    leader, first = start(data=tmp_path / "leader")
    leader.CreateTheme(theme_id="a", theme=api.theme("A"))
    with plenaryd("--follow", leader.address, data=tmp_path / "follower") as daemon:
        with RegistryClient(api, daemon.address) as follower:
            level(follower, leader)
    refused = run("plenaryd", "run", "--listen", "127.0.0.1:0", "--data", tmp_path / "follower")
    assert refused.returncode == 1 and leader.address in refused.stderr
    done = run("plenaryd", "promote", "--data", tmp_path / "follower", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["epoch"] == 2
    assert run("plenaryd", "promote", "--data", tmp_path / "follower").returncode == 1
    promoted, _ = start(data=tmp_path / "follower")
    promoted.CreateTheme(theme_id="b", theme=api.theme("B"))
    # The old leader is of an earlier epoch, and a store is not given up for that.
    refused = run(
        "plenaryd", "run", "--listen", "127.0.0.1:0", "--data", tmp_path / "follower", "--follow", leader.address, "--replace"
    )
    assert refused.returncode == 1 and "in use" in refused.stderr
    # Nor does a follower go on with a leader that began an epoch meanwhile.
    third = plenaryd("--follow", leader.address, data=tmp_path / "third")
    try:
        address = leader.address
        first.stop()
        backup = run("plenaryd", "backup", tmp_path / "backup", "--data", tmp_path / "leader")
        assert backup.returncode == 0, backup.stderr
        restored = run("plenaryd", "restore", tmp_path / "backup", "--data", tmp_path / "leader", "--replace")
        assert restored.returncode == 0, restored.stderr
        with plenaryd(data=tmp_path / "leader", listen=address):
            assert third.wait() == 1
            assert "epoch" in third.log and "--replace" in third.log
    finally:
        third.kill()


def test_a_copy_and_the_changes_after_it_are_for_any_client(api, start):
    leader, _ = start()
    theme = leader.CreateTheme(theme_id="a", theme=api.theme("A"))
    answers = list(api.stub(leader.channel, "CopyStore")(api.CopyStoreRequest(), timeout=CALL_SECONDS))
    answers = [answer for answer in answers if answer.WhichOneof("content")]
    manifest = answers[0].manifest
    content = b"".join(answer.chunk for answer in answers[1:])
    assert len(content) == manifest.size_bytes and hashlib.sha256(content).digest() == manifest.sha256
    for number in range(3):
        leader.UpdateTheme(theme=api.theme(f"A {number}", name=theme.name), update_mask=mask("pref_label"))
    position = {
        "store_id": manifest.store_id,
        "epoch": manifest.epoch,
        "revision": manifest.revision,
        "chain_hash": manifest.chain_hash,
    }
    changes = api.stub(leader.channel, "FollowStore")(api.FollowStoreRequest(**position), timeout=CALL_SECONDS)
    first = next(changes)
    assert [change.revision for change in first.changes] == [2, 3, 4] and first.head_revision == 4
    assert first.complete_microseconds >= first.changes[-1].commit_microseconds
    # When nothing changes it tells that.
    assert not next(changes).changes
    leader.DeleteTheme(name=theme.name)
    assert next(answer for answer in changes if answer.changes).changes[0].record_state == 2
    changes.cancel()
    for fields, code, reason in [
        ({"store_id": bytes(16)}, grpc.StatusCode.FAILED_PRECONDITION, "STORE_DIFFERS"),
        ({"epoch": 2}, grpc.StatusCode.OUT_OF_RANGE, "EPOCH_CHANGED"),
        ({"chain_hash": bytes(32)}, grpc.StatusCode.FAILED_PRECONDITION, "HISTORY_DIFFERS"),
        ({"revision": 99}, grpc.StatusCode.FAILED_PRECONDITION, "HISTORY_DIFFERS"),
    ]:
        refusal = leader.refusal("FollowStore", **(position | fields))
        assert (refusal.code, refusal.reason) == (code, reason)
    leader.CompactHistory(to_revision=leader.GetStoreStatus().current_revision)
    refusal = leader.refusal("FollowStore", **position)
    assert refusal.code == grpc.StatusCode.OUT_OF_RANGE and refusal.reason == "REVISION_COMPACTED"


def test_what_is_configured_wrongly_is_told(tmp_path):
    for options, words in [
        (["--follow", "127.0.0.1:1", "--data", ":memory:"], "directory"),
        (["--replace", "--data", tmp_path], "--follow"),
        (["--follow", "nowhere", "--data", tmp_path], "follow.leader"),
        (["--follow", "127.0.0.1:1", "--set", "follow.key_file=k", "--data", tmp_path], "follow.certificate_file"),
    ]:
        done = run("plenaryd", "run", "--listen", "127.0.0.1:0", *options)
        assert done.returncode == 2 and words in done.stderr, done.stderr


def test_the_lag_under_load(api, start, tmp_path):
    leader, _ = start(data=tmp_path / "leader")
    follower, _ = follow(start, leader, tmp_path / "follower")
    level(follower, leader)
    writers = Writers(api, leader, "load")
    writers.start()
    lags = []
    end = time.monotonic() + LAG_SECONDS
    while time.monotonic() < end:
        theme = leader.CreateTheme(theme_id=f"probe-{len(lags)}", theme=api.theme(f"Probe {len(lags)}"))
        begin = time.monotonic()
        # The rest of the way is what the follower lags behind, and the call itself.
        assert follower.ask("GetTheme", name=theme.name, at_least_as_fresh=theme.revision) == theme
        lags.append(time.monotonic() - begin)
    writers.stop()
    writers.finish()
    lags.sort()
    print(
        f"\n{len(writers.acknowledged)} writes; lag of {len(lags)} probes: median {lags[len(lags) // 2] * 1000:.1f} ms, "
        f"99 % {lags[len(lags) * 99 // 100] * 1000:.1f} ms, most {lags[-1] * 1000:.1f} ms"
    )
    level(follower, leader)
