"""Who changed what, who read what is held back and who was refused, as officers read it: from a foreign client and the
command line."""

import json
import os

import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.registry import RegistryClient

DIALOGUE = "dialogues/asia-ict-ct-3"


def audit(daemon, *arguments, token=None, code=0, **options):
    env = {"PLENARY_TOKEN": token} if token else {}
    done = run("plenary", "audit", *arguments, "--server", daemon.address, env=env, **options)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def entries(client, **fields):
    """The entries of all pages."""
    found, token = [], ""
    while True:
        page = client.ListAuditEntries(page_token=token, **fields)
        found += page.entries
        token = page.next_page_token
        if not token:
            return found


def test_every_change_has_an_entry(filled, api):
    names = [entry.resource for entry in entries(filled, page_size=7, oldest_first=True)]
    assert len(names) == len(filled.export()) == len(set(names))
    dialogue = filled.UpdateDialogue(
        dialogue=api.Dialogue(name=DIALOGUE, participant_count=41), update_mask=FieldMask(paths=["participant_count"]))
    newest = filled.ListAuditEntries(page_size=1).entries[0]
    assert (newest.resource, newest.principal, newest.act) == (DIALOGUE, "anonymous", api.AuditEntry.WRITTEN)
    assert newest.revision == dialogue.revision and newest.commit_time == dialogue.update_time
    assert len(newest.chain_digest) == 32
    assert {entry.resource for entry in entries(filled, resource=DIALOGUE)} == {
        name for name in names if f"{name}/".startswith(f"{DIALOGUE}/")}
    assert entries(filled, end_time=newest.commit_time, resource=DIALOGUE, acts=["WRITTEN"])[-1] != newest
    assert filled.refusal("ListAuditEntries", resource="x").reason == "ID_INVALID"


def test_the_command_line_lists_entries(start, api):
    registry, daemon = start()
    assert registry.import_records(api.example()).summary.applied
    registry.DeleteTheme(name=registry.CreateTheme(theme_id="gone", theme=api.theme()).name)
    head, first, *_ = audit(daemon, "list", "--limit", "2").stdout.splitlines()
    assert head.split()[:4] == ["TIME", "DONE", "RECORD", "BY"]
    assert "deleted" in first and "themes/gone" in first and "anonymous" in first
    assert "there are more" in audit(daemon, "list", "--limit", "2").stderr
    shown = json.loads(audit(daemon, "list", "theme", "gone", "--oldest-first", "-o", "json").stdout)
    assert [(entry["resource"], entry["act"]) for entry in shown] == [
        ("themes/gone", "WRITTEN"), ("themes/gone", "DELETED")]
    assert audit(daemon, "list", "--act", "deleted", "-o", "name").stdout == "themes/gone\n"
    assert audit(daemon, "list", "--kind", "panels", "--since", "2999-01-01").stderr.strip() == "no entries"
    assert audit(daemon, "list", "--by", "clients/none", "-o", "json").stdout.strip() == "[]"
    assert audit(daemon, "list", "--since", "x", code=2).returncode == 2
    assert audit(daemon, "list", "--act", "burnt", code=2).returncode == 2


def test_entries_are_for_officers(start, api, tmp_path):
    data = tmp_path / "data"
    token = json.loads(run("plenaryd", "init", "--data", data, "--output", "json").stdout)["token"]
    _, daemon = start("--set", "auth.required=true", data=data)

    def member(name, role):
        done = run("plenary", "client", "create", name, "--role", role, "-o", "name", "--server", daemon.address,
                   env={"PLENARY_TOKEN": token})
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    desk, officer = member("desk", "PUBLISHER@*"), member("eye", "OFFICER@*")
    assert "ROLE_MISSING" in audit(daemon, "list", token=desk, code=4).stderr
    assert audit(daemon, "list", token=officer, code=0).stderr.strip() == "no entries"
    shown = audit(daemon, "list", "-o", "name", token=token).stdout.splitlines()
    assert "clients/desk" in shown and "clients/admin" in shown


# The access log


def marked(api, label):
    """A marking under which there can be a record."""
    if label == "RED":
        return api.Marking(label=label, recipients=["clients/admin"])
    return api.Marking(label=label, organizations=["organizations/a"] if "AMBER" in label else [])


def access(client, **fields):
    """What was noted, oldest first: method, outcome, principal, record, reason."""
    found, token = [], ""
    while True:
        page = client.ListAccessEntries(page_token=token, oldest_first=True, **fields)
        found += page.entries
        token = page.next_page_token
        if not token:
            return found


@pytest.fixture
def marked_themes(start, api, tmp_path):
    """A client and the daemon of a registry with a theme of each label, in a directory."""
    registry, daemon = start(data=tmp_path / "data")
    registry.CreateOrganization(
        organization_id="a", organization=api.Organization(title=api.text("A"), kind="GOVERNMENT_BODY"))
    registry.CreateClient(client_id="admin", client=api.Client())
    for label in ("CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"):
        name = label.lower().replace("_", "-")
        registry.CreateTheme(theme_id=name, theme=api.theme(f"Secret of {name}", marking=marked(api, label)))
    return registry, daemon


def test_reads_of_what_is_held_back_are_noted(marked_themes, api):
    registry, daemon = marked_themes
    noted = {(entry.method, entry.resource) for entry in access(registry)}
    # The answers of the calls that have created them.
    assert noted == {("Write", "themes/amber-strict"), ("Write", "themes/red")}
    for _ in range(3):
        for name in ("clear", "green", "amber", "amber-strict", "red"):
            registry.GetTheme(name=f"themes/{name}")
    registry.ListThemes()
    registry.BatchGetThemes(names=["themes/red"])
    registry.ListThemeRevisions(parent="themes/red")
    registry.SearchResources(query="secret")
    registry.ListChanges()
    registry.export()
    watch = api.stub(registry.channel, "WatchChanges")(api.request("WatchChanges", from_beginning=True))
    while not any(change.resource == "themes/red" for change in next(watch).changes):
        pass
    watch.cancel()
    entries = access(registry)
    assert {entry.resource for entry in entries} == {"themes/amber-strict", "themes/red"}
    assert {entry.method for entry in entries if entry.resource == "themes/red"} == {
        "Write", "Get", "List", "BatchGet", "Revisions", "Search", "ListChanges", "Export", "WatchChanges"}
    assert sum(entry.count for entry in entries if (entry.method, entry.resource) == ("Get", "themes/red")) == 3
    assert {(entry.principal, entry.outcome, entry.reason) for entry in entries} == {
        ("anonymous", api.AccessEntry.READ, "")}
    shown = audit(daemon, "access", "theme", "red", "--outcome", "read", "-o", "json").stdout
    assert {entry["resource"] for entry in json.loads(shown)} == {"themes/red"}
    assert "themes/amber-strict" in audit(daemon, "access").stdout
    # Names of records stand in it, and nothing that they hold.
    assert "Secret of" not in audit(daemon, "access", "-o", "json").stdout


def test_the_log_is_there_after_a_restart_and_a_cut_is_found(marked_themes, start, tmp_path):
    registry, daemon = marked_themes
    registry.GetTheme(name="themes/red")
    before = access(registry)
    daemon.stop()
    data = tmp_path / "data"
    assert run("plenaryd", "verify", "--data", data).returncode == 0
    registry, daemon = start(data=data)
    assert access(registry) == before
    daemon.stop()
    [log] = data.glob("access-*.log")
    assert os.stat(log).st_mode & 0o777 == 0o600
    assert b"Secret of" not in log.read_bytes()
    whole = log.read_bytes()
    log.write_bytes(whole[:-1])
    done = run("plenaryd", "verify", "--data", data)
    assert done.returncode == 1 and "access log" in done.stdout
    log.write_bytes(whole.replace(b"anonymous", b"anonymouz"))
    assert "not signed" in run("plenaryd", "verify", "--data", data).stdout
    registry, daemon = start(data=data)
    done = run("plenary", "verify", "--server", daemon.address)
    assert done.returncode == 9 and "not signed" in done.stdout + done.stderr


def test_who_is_refused_is_noted_without_what_it_showed(start, api, tmp_path):
    data = tmp_path / "data"
    token = json.loads(run("plenaryd", "init", "--data", data, "--output", "json").stdout)["token"]
    stranger, daemon = start("--set", "auth.required=true", data=data)
    with RegistryClient(api, daemon.address, token=token) as admin:
        for organization in ("a", "b"):
            admin.CreateOrganization(
                organization_id=organization,
                organization=api.Organization(title=api.text(organization), kind="GOVERNMENT_BODY"))
        admin.CreateTheme(theme_id="b", theme=api.theme("B", originating_organization="organizations/b"))
        grant = api.Client.Grant(role="EDITOR")
        admin.CreateClient(client_id="desk", client=api.Client(organization="organizations/a", roles=[grant]))
        desk_token = admin.IssueClientToken(name="clients/desk").token
        foreign = "plen_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfgq8qskeg"
        assert stranger.refusal("GetTheme", name="themes/b").reason == "CREDENTIALS_MISSING"
        with RegistryClient(api, daemon.address, token=foreign) as unknown:
            assert unknown.refusal("GetTheme", name="themes/b").reason == "CREDENTIALS_INVALID"
        with RegistryClient(api, daemon.address, token=desk_token) as desk:
            assert desk.refusal("ListClients").reason == "ROLE_MISSING"
            assert desk.refusal("DeleteTheme", name="themes/b").reason == "ORIGINATOR_ONLY"
            assert desk.refusal("GetTheme", name="themes/none").reason == "RESOURCE_NOT_FOUND"
        found = {(entry.principal, entry.method, entry.reason, entry.resource)
                 for entry in access(admin, outcome="REFUSED")}
        service = "plenary.v1"
        assert found == {
            ("", f"{service}.ThemeService/GetTheme", "CREDENTIALS_MISSING", ""),
            ("", f"{service}.ThemeService/GetTheme", "CREDENTIALS_INVALID", ""),
            ("clients/desk", f"{service}.ClientService/ListClients", "ROLE_MISSING", ""),
            ("clients/desk", f"{service}.ThemeService/DeleteTheme", "ORIGINATOR_ONLY", "themes/b"),
        }
    daemon.stop()
    for log in data.glob("access*"):
        content = log.read_bytes()
        for secret in (token, desk_token, foreign):
            assert secret.encode() not in content and secret[5:].encode() not in content
