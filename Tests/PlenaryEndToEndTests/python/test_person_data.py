"""Personal data: what the registry holds on a person is told, and erased from everything that it has written."""

import json

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import until
from plenary_testing.identities import cli, two_organizations
from plenary_testing.registry import RegistryClient, plenaryd

PERSON = "persons/p-17"
# Words that stand nowhere else; the search index has them in lower case and without vowel signs.
GIVEN, FAMILY = "Zaynabunique", "Quetzalnameonly"
NAMES = [GIVEN, FAMILY, "Qvortrupmarried", "زينبفريدة", "كويتزالاسم", "مبعوثةخاصة"]
TRACES = [form.encode() for name in NAMES for form in (name, name.lower(), name.upper())]


def files_with_names(*folders):
    """The files below some folders in which one of the names stands."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                found += [f"{path.name}: {trace.decode()}" for trace in TRACES if trace in content]
    return found


def plant(client, api):
    """A person under several names, in two scripts, in several versions, whom a panel refers to."""
    assert client.import_records(api.example()).summary.applied
    person = api.Person(
        name=PERSON, given_name=GIVEN, family_name=FAMILY, office_title=api.text("Envoy"), legal_basis=f"list with {FAMILY}",
        annotations={"note": f"{GIVEN} was there"})
    client.CreatePerson(person_id="p-17", person=person)
    client.UpdatePerson(
        person=api.Person(name=PERSON, family_name="Qvortrupmarried"), update_mask=FieldMask(paths=["family_name"]))
    title = api.text("Envoy")
    title.values["ar"] = "مبعوثةخاصة"
    client.UpdatePerson(
        person=api.Person(name=PERSON, given_name="زينبفريدة", family_name="كويتزالاسم", office_title=title),
        update_mask=FieldMask(paths=["given_name", "family_name", "office_title"]))
    client.CreatePanel(
        parent="dialogues/asia-ict-ct-3", panel_id="on-17", panel=api.Panel(title=api.text("A panel"), panellists=[PERSON]))


def searched(client, text):
    return [result.name for result in client.SearchResources(query=text).results]


def check_notice(client):
    """An erased person says that it was, in all its versions, and what refers to it goes on to."""
    person = client.GetPerson(name=PERSON)
    assert person.redaction.reason == "asked for" and person.redaction.redact_time.seconds > 0
    assert not (person.given_name or person.family_name or person.legal_basis or person.annotations or person.HasField("office_title"))
    versions = client.ListPersonRevisions(parent=PERSON).person_revisions
    assert len(versions) >= 4 and all(version.snapshot.redaction.reason == "asked for" for version in versions)
    for version in versions:
        assert client.GetPersonRevision(name=version.name) == version
        old = client.GetPerson(name=PERSON, revision=version.snapshot.revision)
        assert old.redaction == person.redaction
    panel = client.GetPanel(name="dialogues/asia-ict-ct-3/panels/on-17")
    assert list(panel.panellists) == [PERSON]
    for record in client.export(resource_types=["plenary.registry/Person"]):
        assert not any(trace in record.SerializeToString() for trace in TRACES)


def test_what_was_erased_is_in_no_file_no_log_no_follower_and_no_restored_backup(api, start, tmp_path):
    data, backups, copy = tmp_path / "data", tmp_path / "backups", tmp_path / "copy"
    leader, daemon = start("--set", f"backup.directory={backups}", "--log-level", "trace", data=data)
    plant(leader, api)
    follower, following = start("--follow", daemon.address, data=copy)
    assert searched(leader, "كويتزالاسم") == [PERSON]
    head = leader.ask("GetTreeHead")
    (tmp_path / "then.head").write_text(head.checkpoint)
    taken = run("plenary", "--server", daemon.address, "backup", "before")
    assert taken.returncode == 0, taken.stderr
    until(follower.GetReplicationStatus, lambda status: status.current_revision == leader.GetReplicationStatus().current_revision)
    assert searched(follower, "كويتزالاسم") == [PERSON]
    for folder in (data, copy, backups):
        assert files_with_names(folder)

    erased = run("plenary", "person", "erase", PERSON, "--reason", "asked for", "--yes", "--server", daemon.address)
    assert erased.returncode == 0, erased.stderr
    assert "erased persons/p-17: 3 versions" in erased.stdout

    # The database is done with when the call answers; the search index and the follower come after.
    assert not [place for place in files_with_names(data) if not place.startswith("search.db")]
    until(lambda: files_with_names(data, copy), lambda places: not places)
    for client in (leader, follower):
        until(client.GetReplicationStatus, lambda status: status.current_revision == leader.GetReplicationStatus().current_revision)
        check_notice(client)
        for name in NAMES:
            assert searched(client, name) == []
    assert not any(trace.decode() in daemon.log + following.log for trace in TRACES)

    # The past is proven as before.
    checked = run("plenary", "audit", "check", tmp_path / "then.head", "--server", daemon.address)
    assert checked.returncode == 0, checked.stderr
    for client in (leader, follower):
        assert run("plenary", "verify", "--server", client.address).returncode == 0
    for revision in [version.snapshot.revision for version in leader.ListPersonRevisions(parent=PERSON).person_revisions][1:]:
        proof = leader.ask("GetInclusionProof", name=PERSON, revision=revision)
        assert proof.entry and not proof.content and not proof.salt
    following.stop()
    # A backup of before has the names, and the store that is made of it has none.
    daemon.stop()
    restored = run("plenaryd", "restore", backups / "before", "--data", data, "--replace", "--output", "json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["erasureCount"] == 1
    elsewhere = tmp_path / "elsewhere"
    moved = run("plenaryd", "restore", backups / "before", "--data", elsewhere, "--erasures", copy / "erasures.jsonl")
    assert moved.returncode == 0 and "1 persons erased again" in moved.stdout, moved.stderr
    for folder in (data, elsewhere, copy):
        assert files_with_names(folder) == []
        verified = run("plenaryd", "verify", "--data", folder)
        assert verified.returncode == 0, verified.stdout
        with plenaryd(data=folder, *(["--follow", "localhost:1"] if folder == copy else [])) as again:
            with RegistryClient(api, again.address) as client:
                check_notice(client)
    # Nothing of it comes back with the index that is made anew.
    assert files_with_names(data, elsewhere, copy) == []


def test_a_report_and_an_erasure_at_the_command_line(start, api):
    registry, daemon = start()
    plant(registry, api)
    registry.CreateTheme(theme_id="t-17", theme=api.theme(f"What {GIVEN} Qvortrupmarried said"))

    def person(verb, *arguments, code=0, stdin=""):
        done = run("plenary", "person", verb, *arguments, "--server", daemon.address, stdin=stdin)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    report = person("report", "p-17", "--text", f"{GIVEN} Qvortrupmarried")
    assert FAMILY in report and "كويتزالاسم" in report
    assert "refers to it" in report and "dialogues/asia-ict-ct-3/panels/on-17" in report
    assert "themes/t-17" in report and "3 versions, 1 references, 1 places in texts" in report
    assert "audit, written" in report and "3 entries of the audit" in report and "0 of the access log" in report
    items = json.loads(person("report", PERSON, "--output", "json"))
    assert [next(iter(item)) for item in items] == [
        "person", *["version"] * 3, "reference", *["auditEntry"] * 3, "summary"]
    assert items[-1]["summary"]["versionCount"] == 3
    names = person("report", PERSON, "--text", GIVEN, "--output", "name").split()
    assert names == [PERSON, "dialogues/asia-ict-ct-3/panels/on-17", "themes/t-17"]
    assert "RESOURCE_NOT_FOUND" in person("report", "none", code=3)

    assert "--yes" in person("erase", PERSON, "--reason", "asked for", code=2)
    assert "REASON_NAMES_PERSON" in person("erase", PERSON, "--reason", "كويتزالاسم asked", "--yes", code=7)
    rehearsed = person("erase", PERSON, "--reason", "asked for", "--dry-run")
    assert "can be erased (dry run: nothing was changed): 3 versions" in rehearsed
    assert registry.GetPerson(name=PERSON).family_name == "كويتزالاسم"
    registry.UpdatePerson(
        person=api.Person(name=PERSON, legal_hold="case 7"), update_mask=FieldMask(paths=["legal_hold"]))
    assert "LEGAL_HOLD" in person("erase", PERSON, "--reason", "asked for", "--yes", code=6)
    refusal = registry.refusal("ErasePerson", name=PERSON, reason="asked for")
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "LEGAL_HOLD")
    registry.UpdatePerson(person=api.Person(name=PERSON), update_mask=FieldMask(paths=["legal_hold"]))
    done = person("erase", PERSON, "--reason", "asked for", "--yes", "--text", f"{GIVEN} Qvortrupmarried")
    assert "erased persons/p-17: 5 versions" in done and "themes/t-17" in done
    check_notice(registry)
    assert "was erased" in person("report", PERSON)
    refusal = registry.refusal(
        "UpdatePerson", person=api.Person(name=PERSON, family_name=FAMILY), update_mask=FieldMask(paths=["family_name"]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PERSON_ERASED")


def test_a_report_tells_who_changed_the_person_and_who_was_given_it(api, guarded, admin, member):
    two_organizations(api, admin)
    desk = member("desk", "EDITOR", organization="organizations/a")
    other = member("other", "EDITOR", organization="organizations/b")
    member("eye", "OFFICER", organization="organizations/a")
    marking = api.Marking(label="AMBER_STRICT", organizations=["organizations/a", "organizations/b"])
    person = api.Person(family_name="Chen", originating_organization="organizations/a", marking=marking)
    first = desk.CreatePerson(person_id="p-18", person=person)
    desk.UpdatePerson(
        person=api.Person(name="persons/p-18", given_name="Li"), update_mask=FieldMask(paths=["given_name"]))
    desk.RollbackPerson(
        name="persons/p-18", revision_id=first.revision, reason="asked to",
        request_id="1b4e28ba-2fa1-4d3b-a3f5-ef19b5a7633b")
    other.GetPerson(name="persons/p-18")
    assert other.refusal("DeletePerson", name="persons/p-18").reason == "ORIGINATOR_ONLY"

    def report(client, *options, code=0):
        token = admin.IssueClientToken(name=f"clients/{client}").token
        done = cli(guarded[1], "person", "report", "p-18", *options, token=token)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    for client in ("desk", "other"):
        assert "ROLE_MISSING" in report(client, code=4)
    items = json.loads(report("eye", "-o", "json"))
    written = [item["auditEntry"] for item in items if "auditEntry" in item]
    assert [entry["principal"] for entry in written] == ["clients/desk"] * 3
    assert written[0]["reason"] == "asked to" and written[0]["requestDigest"] and "chainDigest" not in written[0]
    given = {
        (entry["principal"], entry["method"], entry["outcome"]) for item in items if (entry := item.get("accessEntry"))}
    assert given == {
        ("clients/desk", "Write", "READ"), ("clients/other", "Get", "READ"),
        ("clients/other", "plenary.v1.PersonService/DeletePerson", "REFUSED"),
        ("clients/eye", "ReportPersonData", "READ"), ("clients/eye", "Revisions", "READ")}
    summary = items[-1]["summary"]
    assert summary["auditEntryCount"] == 3 and summary["accessEntryCount"] >= 4
    shown = " ".join(report("eye").split())
    assert "audit, written" in shown and "asked to" in shown and "clients/desk; request " in shown
    assert "access, refused" in shown and "ORIGINATOR_ONLY" in shown and "3 entries of the audit" in shown


def test_a_watch_is_told_of_an_erasure_and_of_nothing_that_was_erased(registry, api):
    plant(registry, api)
    registry.ErasePerson(name=PERSON, reason="asked for")
    changes = registry.ListChanges(page_size=1000, include_before=True).changes
    mine = [change for change in changes if change.resource == PERSON]
    assert len(mine) == 4
    for change in mine:
        assert not any(trace in change.SerializeToString() for trace in TRACES)


def test_the_doctor_names_persons_without_a_ground_and_those_who_are_kept_too_long(start, api):
    registry, daemon = start()

    def doctor():
        done = run("plenary", "doctor", "--output", "json", "--server", daemon.address)
        return {check["subject"]: check for check in json.loads(done.stdout)}

    assert [doctor()[subject]["verdict"] for subject in ("legal basis", "retention")] == ["ok", "ok"]
    past, ahead = dict(year=2020, month=5, day=3), dict(year=2999)
    for id, fields in [
        ("p-1", dict()),
        ("p-2", dict(legal_basis="list", retain_until_date=past)),
        ("p-3", dict(legal_basis="list", retain_until_date=ahead)),
        ("p-4", dict(legal_basis="list", retain_until_date=past, legal_hold="case 7")),
    ]:
        registry.CreatePerson(person_id=id, person=api.Person(family_name="Chen", **fields))
    found = doctor()
    # A ground is wanted, and nothing is wrong without one.
    assert found["legal basis"]["verdict"] == "ok" and "1 persons" in found["legal basis"]["finding"]
    assert "persons/p-1" in found["legal basis"]["finding"] and "person erase" in found["legal basis"]["advice"]
    assert found["retention"]["verdict"] == "look" and "such as persons/p-2" in found["retention"]["finding"]
    for id in ("p-1", "p-2"):
        registry.ErasePerson(name=f"persons/{id}", reason="asked for")
    assert [doctor()[subject]["verdict"] for subject in ("legal basis", "retention")] == ["ok", "ok"]


def test_what_a_killed_daemon_had_still_to_clean_is_cleaned_by_the_next_one(start, api, tmp_path):
    data = tmp_path / "data"
    registry, daemon = start(data=data)
    plant(registry, api)
    registry.ErasePerson(name=PERSON, reason="asked for")
    daemon.kill()
    again, _ = start(data=data)
    until(lambda: files_with_names(data), lambda places: not places)
    check_notice(again)


def test_a_backup_is_sealed_to_a_key_that_the_daemon_does_not_hold(api, start, tmp_path):
    data, backups = tmp_path / "data", tmp_path / "backups"
    registry, daemon = start("--set", f"backup.directory={backups}", data=data)
    plant(registry, api)
    secret, public = tmp_path / "agency.secret", tmp_path / "agency.pub"
    made = run("plenary", "backup", "make-key", "--file", secret)
    assert made.returncode == 0 and secret.stat().st_mode & 0o077 == 0
    assert run("plenary", "backup", "make-key", "--file", secret).returncode == 2
    public.write_text(made.stdout)
    other = run("plenary", "backup", "make-key", "--file", tmp_path / "other.secret")
    assert other.stdout != made.stdout

    done = run("plenary", "backup", "one", "--encrypt-to", public, "--server", daemon.address, "--output", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sealedTo"]
    assert registry.GetStoreStatus().health.last_backup.sealed_to == json.loads(done.stdout)["sealedTo"]
    assert not files_with_names(backups)
    assert "make-key" in run("plenary", "backup", "two", "--encrypt-to", secret, "--server", daemon.address).stderr
    refusal = registry.refusal("BackupRegistry", sealing_key="nonsense")
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "SEALING_KEY_INVALID")
    daemon.stop()
    stopped = run("plenaryd", "backup", backups / "two", "--encrypt-to", public, "--data", data)
    assert stopped.returncode == 0, stopped.stderr
    assert not files_with_names(backups)

    for name in ("one", "two"):
        looked = run("plenaryd", "verify", backups / name)
        assert looked.returncode == 0 and "sealed to" in looked.stdout, looked.stderr
        looked = run("plenaryd", "verify", backups / name, "--identity", secret)
        assert looked.returncode == 0 and "it opens" in looked.stdout, looked.stderr
        assert run("plenaryd", "verify", backups / name, "--identity", tmp_path / "other.secret").returncode == 1
        target = tmp_path / f"from-{name}"
        without = run("plenaryd", "restore", backups / name, "--data", target)
        assert without.returncode == 1 and "--identity" in without.stderr
        wrong = run("plenaryd", "restore", backups / name, "--data", target, "--identity", tmp_path / "other.secret")
        assert wrong.returncode == 1 and "another key" in wrong.stderr
        assert run("plenaryd", "restore", backups / name, "--data", target, "--identity", public).returncode == 2
        restored = run("plenaryd", "restore", backups / name, "--data", target, "--identity", secret)
        assert restored.returncode == 0, restored.stderr
        with plenaryd(data=target) as again, RegistryClient(api, again.address) as client:
            assert client.GetPerson(name=PERSON).family_name == "كويتزالاسم"
