"""Proofs that the past was not changed: verified by a client of another language, by the CLI, and against an operator who
rewrites the database."""

import base64
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import time

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import until
from plenary_testing.transparency import cosigned, leaf, root_from, verified

DIALOGUE = "dialogues/asia-ict-ct-3"


def change(registry, count):
    return registry.ask(
        "UpdateDialogue", dialogue=dict(name=DIALOGUE, participant_count=count),
        update_mask=FieldMask(paths=["participant_count"]))


def audit(*arguments, server=None, code=0):
    done = run("plenary", "audit", *arguments, *(["--server", server] if server else []))
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_version_is_proven_to_a_client_of_another_language(filled):
    first = filled.ask("GetTreeHead")
    assert first.tree_size == len(filled.export()) and first.revision
    *lines, access = verified(first.checkpoint, first.verification_key)
    assert lines == [
        first.origin, str(first.tree_size), base64.b64encode(first.root_hash).decode(),
        f"time {first.sign_time.seconds}"]
    assert access.startswith("access ") and len(base64.b64decode(access.split(" ")[1])) == 32
    assert abs(first.sign_time.seconds - time.time()) < 600
    before = filled.ask("GetDialogue", name=DIALOGUE)
    after = change(filled, 41)
    for number in range(300):
        change(filled, number)
    for state in (before, after):
        proof = filled.ask("GetInclusionProof", name=DIALOGUE, revision=state.revision)
        assert proof.resource == DIALOGUE and proof.revision == state.revision
        assert proof.tree_size == first.tree_size + 301
        assert root_from(proof.hashes, proof.entry, proof.leaf_index, proof.tree_size) == proof.root_hash
        assert verified(proof.checkpoint, first.verification_key)[1:3] == [
            str(proof.tree_size), base64.b64encode(proof.root_hash).decode()]
        # The content has the digest that stands in the entry.
        assert hashlib.sha256(proof.salt + proof.content).digest() in proof.entry
        assert DIALOGUE.encode() in proof.entry
    # In the tree of then too.
    proof = filled.ask("GetInclusionProof", name=DIALOGUE, revision=before.revision, tree_size=first.tree_size)
    assert root_from(proof.hashes, proof.entry, proof.leaf_index, proof.tree_size) == first.root_hash
    assert proof.checkpoint == ""
    refusals = [
        filled.refusal("GetInclusionProof", name=DIALOGUE, tree_size=first.tree_size),
        filled.refusal("GetInclusionProof", name=DIALOGUE, tree_size=-1),
        filled.refusal("GetInclusionProof", name=DIALOGUE, tree_size=10**9),
        filled.refusal("GetInclusionProof", name=DIALOGUE, revision="x"),
        filled.refusal("GetInclusionProof"),
        filled.refusal("GetInclusionProof", name="dialogues/none"),
        filled.refusal("GetConsistencyProof", first_tree_size=10**9),
        filled.refusal("GetConsistencyProof", first_tree_size=5, second_tree_size=4),
    ]
    assert [(refusal.code.name, refusal.reason) for refusal in refusals] == [
        ("INVALID_ARGUMENT", "NUMBER_OUT_OF_RANGE"), ("INVALID_ARGUMENT", "NUMBER_OUT_OF_RANGE"),
        ("INVALID_ARGUMENT", "NUMBER_OUT_OF_RANGE"), ("INVALID_ARGUMENT", "REVISION_INVALID"),
        ("INVALID_ARGUMENT", "FIELD_REQUIRED"), ("NOT_FOUND", "RESOURCE_NOT_FOUND"),
        ("INVALID_ARGUMENT", "NUMBER_OUT_OF_RANGE"), ("INVALID_ARGUMENT", "NUMBER_OUT_OF_RANGE")]


def test_the_key_and_the_tree_stay_over_a_restart_and_a_follower_has_the_same_tree(api, start, tmp_path):
    data = tmp_path / "data"
    registry, daemon = start(data=data)
    assert registry.import_records(api.example()).summary.applied
    first = registry.ask("GetTreeHead")
    [key] = data.glob("audit-*.key")
    assert os.stat(key).st_mode & 0o777 == 0o600
    daemon.stop()
    registry, daemon = start(data=data)
    again = registry.ask("GetTreeHead")
    assert (again.root_hash, again.verification_key) == (first.root_hash, first.verification_key)
    follower, _ = start("--follow", daemon.address, data=tmp_path / "copy")
    change(registry, 5)
    head = registry.ask("GetTreeHead")
    until(lambda: follower.ask("GetTreeHead").tree_size, lambda size: size == head.tree_size)
    assert follower.ask("GetTreeHead").root_hash == head.root_hash
    # Its key is its own, so that whoever runs it cannot sign for the leader.
    assert follower.ask("GetTreeHead").verification_key != head.verification_key


def test_the_command_line_proves_and_verifies(api, start, tmp_path):
    registry, daemon = start()
    server = daemon.address
    assert registry.import_records(api.example()).summary.applied
    key, kept, proof = tmp_path / "registry.key", tmp_path / "monday.head", tmp_path / "proof.json"
    key.write_text(audit("head", "-o", "name", server=server))
    kept.write_text(audit("head", server=server))
    assert kept.read_text().startswith("plenary.registry/")
    change(registry, 9)
    assert "nothing of then was changed" in audit("check", kept, "--key", key, server=server)
    audit("prove", "dialogue", "asia-ict-ct-3", "--file", proof, server=server)
    daemon.stop()

    shown = audit("verify", proof, "--key", key)
    assert DIALOGUE in shown and "anonymous" in shown and "as it was written" in shown
    assert json.loads(audit("verify", proof, "--key", key, "-o", "json"))["resource"] == DIALOGUE
    assert "and the head is of" in audit("verify", proof, "--key", key, "--head", kept, code=9)
    unsigned = run("plenary", "audit", "verify", proof)
    assert unsigned.returncode == 0 and "signature is not verified" in unsigned.stderr
    sound = json.loads(proof.read_text())
    other = audit("make-key", "other", "--file", tmp_path / "other.secret").strip()
    assert "is not signed by other" in audit("verify", proof, "--key", other, code=9)
    for field, value in [
        ("content", "AAAA"), ("resource", "dialogues/asia-ict-ct-2"), ("leafIndex", "0"), ("entry", "AAAA"),
        ("hashes", sound["hashes"][1:]), ("treeSize", "7"), ("salt", "AAAA"),
    ]:
        proof.write_text(json.dumps(sound | {field: value}))
        audit("verify", proof, "--key", key, code=9)
    proof.write_text("{}")
    assert "--head" in audit("verify", proof, "--key", key, code=2)
    assert "no signed note" in audit("verify", proof, "--key", key, "--head", key, code=7)
    assert "no key" in audit("verify", proof, "--key", "nothing", "--head", kept, code=2)


def test_a_witness_signs_what_continues_what_it_signed(api, start, tmp_path):
    registry, daemon = start()
    assert registry.import_records(api.example()).summary.applied
    key = audit("head", "-o", "name", server=daemon.address).strip()
    secret, heads = tmp_path / "witness.secret", [tmp_path / "1.head", tmp_path / "2.head"]
    witness = audit("make-key", "ministry.example/witness", "--file", secret).strip()
    assert os.stat(secret).st_mode & 0o777 == 0o600
    assert "there already" in audit("make-key", "again", "--file", secret, code=2)
    options = ["--secret", secret, "--key", key]
    audit("cosign", *options, "--first", "--file", heads[0], server=daemon.address)
    change(registry, 3)
    audit("cosign", *options, "--previous", heads[0], "--file", heads[1], server=daemon.address)
    for head in heads:
        assert abs(cosigned(head.read_text(), witness) - time.time()) < 600
        assert verified(head.read_text(), key)
        audit("check", head, "--key", key, "--cosigner", witness, server=daemon.address)
    # What nobody has signed is not continued.
    heads[0].write_text(audit("head", server=daemon.address))
    assert "is not signed by ministry" in audit(
        "cosign", *options, "--previous", heads[0], server=daemon.address, code=9)
    assert "is not signed by ministry" in audit(
        "check", heads[0], "--key", key, "--cosigner", witness, server=daemon.address, code=9)


def rewrite(path, old, new):
    """Changes a record in the first version of it, and everything that vouches for it, as one can who has the file."""
    store = sqlite3.connect(path)
    revision, salt, body = store.execute(
        "SELECT rev, salt, body FROM ver WHERE instr(body, ?) ORDER BY rev LIMIT 1", (old,)).fetchone()
    assert len(old) == len(new)
    body = body.replace(old, new)
    digest = hashlib.sha256(salt + body).digest()
    store.execute("UPDATE ver SET body = ? WHERE rev = ?", (body, revision))
    store.execute("UPDATE audit SET body_sha = ? WHERE rev = ?", (digest, revision))

    def part(value):
        value = value or b""
        return struct.pack(">Q", len(value)) + value

    chain = bytes(32)
    for row in store.execute(
        "SELECT u.rev, u.txn, u.ts, a.name, u.op, u.k, u.idem, u.req_hash, u.body_sha, u.reason FROM audit u "
        "JOIN actor a ON a.id = u.actor ORDER BY u.rev").fetchall():
        rev, txn, ts, actor, op, key, idem, req_hash, body_sha, reason = row
        entry = bytes([1 if reason is None else 2]) + struct.pack(">QQq", rev, txn, ts) + bytes([op])
        entry += part(actor.encode()) + part(key.encode()) + part(idem) + part(req_hash) + part(body_sha)
        if reason is not None:
            entry += part(reason.encode())
        chain = hashlib.sha256(chain + entry).digest()
        store.execute("UPDATE audit SET hash = ? WHERE rev = ?", (chain, rev))
    store.execute("UPDATE meta SET chain = ?", (chain,))
    store.execute("DELETE FROM tree")
    store.commit()
    store.close()


def test_not_even_the_operator_rewrites_the_past_unnoticed(api, start, tmp_path):
    data, kept, key = tmp_path / "data", tmp_path / "kept.head", tmp_path / "registry.key"
    registry, daemon = start(data=data)
    assert registry.import_records(api.example()).summary.applied
    for number in range(300):
        change(registry, number)
    kept.write_text(audit("head", server=daemon.address))
    key.write_text(audit("head", "-o", "name", server=daemon.address))
    daemon.stop()
    rewrite(data / "plenary.db", b"Bangkok", b"Phuket!")
    # The store does not contradict itself.
    done = run("plenaryd", "verify", "--data", data)
    assert done.returncode == 0, done.stdout + done.stderr
    registry, daemon = start(data=data)
    change(registry, 7)
    assert "what was before has been changed" in audit("check", kept, "--key", key, server=daemon.address, code=9)
    proof = tmp_path / "proof.json"
    audit("prove", "dialogues/asia-ict-ct-2", "--head", kept, "--file", proof, server=daemon.address)
    assert "does not lead to the root" in audit("verify", proof, "--key", key, "--head", kept, code=9)


def test_not_even_the_operator_takes_reads_out_of_the_access_log_unnoticed(api, start, tmp_path):
    data, before = tmp_path / "data", tmp_path / "before"
    registry, daemon = start(data=data)
    registry.CreateOrganization(
        organization_id="a", organization=api.Organization(title=api.text("A"), kind="GOVERNMENT_BODY"))
    marking = api.Marking(label="AMBER_STRICT", organizations=["organizations/a"])
    registry.CreateTheme(theme_id="t", theme=api.theme("T", marking=marking))
    daemon.stop()
    before.mkdir()
    for file in data.glob("access*"):
        shutil.copy(file, before)
    registry, daemon = start(data=data)
    registry.GetTheme(name="themes/t")
    assert [entry.method for entry in registry.ListAccessEntries().entries] == ["Get", "Write"]
    kept = tmp_path / "kept.head"
    kept.write_text(audit("head", server=daemon.address))
    registry.GetTheme(name="themes/t")
    daemon.stop()

    def verify(*heads, code=0):
        options = [option for head in heads for option in ("--head", head)]
        done = run("plenaryd", "verify", "--data", data, *options)
        assert done.returncode == code, done.stdout + done.stderr
        # What is said of heads is no damage of the store, which a backup would mend.
        assert "restore" not in done.stderr and "is damaged" not in done.stderr
        return done.stderr if code == 2 else done.stdout

    assert "the one that 1 heads commit to" in verify(kept)
    for file in data.glob("access*"):
        file.unlink()
    for file in before.iterdir():
        shutil.copy(file, data)
    # The log does not contradict itself, since the key was at hand that has signed its end.
    verify()
    found = verify(kept, code=1)
    assert found.startswith("sound") and "batches of then were taken out or changed" in found
    assert found.rstrip().endswith("the access log is not shown to be the one that the heads commit to")
    done = run("plenaryd", "verify", "--data", data, "--head", kept, "--output", "json")
    told = json.loads(done.stdout)
    assert done.returncode == 1 and told["sound"] and told["findings"] == [] and len(told["headFindings"]) == 1
    other = tmp_path / "other.head"
    other.write_text(kept.read_text().replace("time ", "time 1"))
    assert "is no head that the registry's key has signed" in verify(kept, other, code=2)
    assert "cannot read" in verify(tmp_path / "none", code=2)
    other.write_text("nothing")
    assert "is no head" in verify(other, code=2)
    other.write_text("x" * (1 << 16))
    assert "is no head" in verify(other, code=2)
    for long in ["x" * ((1 << 16) + 1), "é" * ((1 << 15) + 1)]:
        other.write_text(long, encoding="utf-8")
        assert "more than 65536 bytes" in verify(other, code=2)
    for nothing, reason in [(b"", "is no head"), (b"\xff", "is no text in UTF-8")]:
        other.write_bytes(nothing)
        assert reason in verify(other, code=2)
    done = run("plenaryd", "verify", before, "--head", kept)
    assert done.returncode == 2 and "has no access log" in done.stderr, done.stderr
    # Without the key nothing is shown.
    [key] = data.glob("audit-*.key")
    key.rename(tmp_path / "key")
    found = verify(kept, code=1)
    assert found.startswith("sound") and "the key of the audit is not there" in found


OTHERS = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"


@pytest.mark.parametrize(
    "contents, reason",
    [("", "no key"), ("nonsense", "no key"), ("PRIVATE+KEY+a+00000000+AAAA", "no key"), (OTHERS, "that of PeterNeumann")])
def test_a_key_that_cannot_be_used_is_refused(start, tmp_path, contents, reason):
    data = tmp_path / "data"
    start(data=data)[1].stop()
    [key] = data.glob("audit-*.key")
    key.write_text(contents)
    done = run("plenaryd", "run", "--listen", "127.0.0.1:0", "--data", data)
    assert done.returncode == 1 and key.name in done.stderr and reason in done.stderr
    assert "\n" not in done.stderr.strip() and "AYEK" not in done.stderr
    key.chmod(0o644)
    done = run("plenaryd", "run", "--listen", "127.0.0.1:0", "--data", data)
    assert done.returncode != 0 and "can be read by others" in done.stderr
