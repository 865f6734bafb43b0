"""What was before a dialogue came under the Chatham House Rule is for the officers of its originator, in every way to read."""

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.identities import REQUIRED, cli, two_organizations
from plenary_testing.registry import RegistryClient

A, B = "organizations/a", "organizations/b"
DIALOGUE = "dialogues/d"
SPOKEN, GONE, PLAIN = (f"{DIALOGUE}/interventions/{id}" for id in ("spoken", "gone", "plain"))
SPEAKER = "persons/nobody-may-know"
# Those that can say who took part.
TYPES = [f"plenary.registry/{type}" for type in ("Dialogue", "WorkingGroup", "Panel", "Intervention", "Finding")]


@pytest.fixture
def world(api, admin, member, data):
    """A dialogue of A that has come under the rule, whose children named a person, with clients of both organizations."""
    two_organizations(api, admin)
    admin.CreatePerson(person_id="nobody-may-know", person=api.Person(family_name="Known"))
    admin.CreateDialogue(
        dialogue_id="d", dialogue=api.Dialogue(title=api.text("Zebra dialogue"), originating_organization=A)
    )
    for id, speaker in (("spoken", SPEAKER), ("gone", SPEAKER), ("plain", "")):
        spoken = api.Intervention(kind="ADDRESS", speaker=speaker, originating_organization=A)
        admin.CreateIntervention(parent=DIALOGUE, intervention_id=id, intervention=spoken)
    panel = api.Panel(title=api.text("Zebra panel"), panellists=[SPEAKER], originating_organization=A)
    past = admin.CreatePanel(parent=DIALOGUE, panel_id="p", panel=panel)
    cleared = api.Panel(name=f"{DIALOGUE}/panels/p", title=api.text("Panel"))
    admin.UpdatePanel(panel=cleared, update_mask=FieldMask(paths=["title", "panellists"]))
    admin.UpdateIntervention(intervention=api.Intervention(name=SPOKEN), update_mask=FieldMask(paths=["speaker"]))
    admin.DeleteIntervention(name=GONE)
    tightened = admin.UpdateDialogue(
        dialogue=api.Dialogue(name=DIALOGUE, title=api.text("Dialogue"), attribution_rule="CHATHAM_HOUSE"),
        update_mask=FieldMask(paths=["title", "attribution_rule"]),
    )
    readers = {
        "reader": member("reader", "READER@*", organization=A), "editor": member("editor", "EDITOR@*", organization=A),
        "stranger": member("stranger", "OFFICER@*", organization=B),
    }
    officer = member("officer", "OFFICER@*", organization=A)
    return past, tightened, readers, officer


def told(api, client, past, tightened):
    """All that a client is told of the past, by how it asks."""
    at = {"revision": past.revision}
    answers = {}

    def ask(way, call):
        try:
            answers[way] = str(call())
        except grpc.RpcError as error:
            answers[way] = error.code().name

    def get(method, name, **fields):
        return lambda: client.ask(method, name=name, **fields)

    for name in (SPOKEN, GONE):
        ask(f"get {name}", get("GetIntervention", name, **at))
        ask(f"get by time {name}", get("GetIntervention", name, read_time=past.update_time))
        ask(f"diff {name}", lambda name=name: client.ask("DiffResource", name=name, from_revision=past.revision))
        ask(f"versions {name}", lambda name=name: client.ask("ListInterventionRevisions", parent=name))
        ask(f"version {name}", get("GetInterventionRevision", f"{name}/revisions/{past.revision}"))
    ask("now", get("GetIntervention", GONE))
    ask("get dialogue", get("GetDialogue", DIALOGUE, **at))
    ask("batch", lambda: client.ask("BatchGetInterventions", names=[SPOKEN], **at))
    for filter in ("", f'speaker = "{SPEAKER}"', "speaker:*"):
        fields = {"parent": "dialogues/-", "filter": filter, "show_deleted": True}
        ask(f"list {filter}", lambda fields=fields: client.ask("ListInterventions", **fields, **at))
    ask("list panels", lambda: client.ask("ListPanels", parent=DIALOGUE, **at))
    ask("diff registry", lambda: client.ask("DiffRegistry", from_revision=past.revision, resource_types=TYPES))
    ask("trace", get("TraceResource", f"{DIALOGUE}/panels/p", **at))
    ask("export", lambda: client.export(resource_types=TYPES, **at))
    ask("changes", lambda: client.ask(
        "ListChanges", include_before=True, include_changed_fields=True, page_size=1000, resource_types=TYPES))
    ask("audit", lambda: client.ask("ListAuditEntries", resource=DIALOGUE))
    for format in ("ICALENDAR", "SCHEMA_ORG", "CSV", "STIX"):
        types = ["plenary.registry/Intervention"] if format == "CSV" else []
        ask(format, lambda: list(api.stub(client.channel, "ExportRegistry")(
            api.request("ExportRegistry", format=format, resource_types=types, **at), timeout=CALL_SECONDS)))
    watch = api.stub(client.channel, "WatchChanges")(
        api.request("WatchChanges", from_beginning=True, include_before=True, resource_types=TYPES), timeout=CALL_SECONDS)
    seen = []
    for message in watch:
        seen += message.changes
        if any(change.after.dialogue.attribution_rule == tightened.attribution_rule for change in seen):
            break
    watch.cancel()
    answers["watch"] = str(seen)
    return answers


def test_no_read_of_the_past_tells_who_took_part_but_to_officers(api, world):
    past, tightened, readers, officer = world
    for who, client in readers.items():
        answers = told(api, client, past, tightened)
        for way, text in answers.items():
            assert SPEAKER not in text and "Zebra" not in text, (who, way)
        assert answers[f"get {SPOKEN}"] == answers["get dialogue"] == "NOT_FOUND"
        # As of a record that was never there.
        absent = client.refusal("GetIntervention", name=f"{DIALOGUE}/interventions/none", revision=past.revision)
        hidden = client.refusal("GetIntervention", name=GONE, revision=past.revision)
        assert hidden.message.replace("gone", "none") == absent.message
        # What says nothing of persons stays where it was.
        assert client.ask("GetIntervention", name=PLAIN, revision=past.revision).name == PLAIN
        kinds = [(change.resource, api.Change.Kind.Name(change.kind)) for change in client.ListChanges().changes]
        assert (GONE, "REMOVED") in kinds and kinds.count((DIALOGUE, "CREATED")) == 1 and (DIALOGUE, "UPDATED") not in kinds
    answers = told(api, officer, past, tightened)
    for way in (f"get {SPOKEN}", f"get by time {GONE}", f"diff {SPOKEN}", f"versions {GONE}", f"version {SPOKEN}", "now", "batch",
                "list ", f'list speaker = "{SPEAKER}"', "list speaker:*", "list panels", "changes", "watch"):
        assert SPEAKER in answers[way], way
    for way in ("get dialogue", "list panels", "export", "changes", "watch"):
        assert "Zebra" in answers[way], way
    assert "dialogues/d/interventions/gone" in answers["audit"]


def test_what_was_said_is_not_brought_back(api, world):
    past, tightened, readers, officer = world
    editor = readers["editor"]
    rollback = {"name": SPOKEN, "revision_id": past.revision}
    assert editor.refusal("RollbackIntervention", **rollback).reason == "RESOURCE_NOT_FOUND"
    assert officer.refusal("RollbackIntervention", **rollback).reason == "ATTRIBUTION_FORBIDDEN"
    assert editor.refusal("UndeleteIntervention", name=GONE).reason == "RESOURCE_NOT_FOUND"
    refusal = officer.refusal("UndeleteIntervention", name=GONE)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ATTRIBUTION_FORBIDDEN")
    silent = api.Intervention(name=GONE, kind="ADDRESS", originating_organization=A)
    applied = officer.ApplyResources(records=[api.Record(intervention=silent)])
    assert applied.applied
    assert editor.GetIntervention(name=GONE).speaker == ""
    assert editor.refusal("GetIntervention", name=GONE, revision=past.revision).reason == "RESOURCE_NOT_FOUND"
    assert len(editor.ListInterventionRevisions(parent=GONE).intervention_revisions) == 1


def test_a_follower_and_a_restored_backup_keep_it(api, world, start, guarded, admin, admin_token, data, tmp_path):
    past, tightened, readers, officer = world
    daemon = guarded[1]
    file = tmp_path / "token"
    file.write_text(admin_token)
    file.chmod(0o600)
    tokens = {name: admin.IssueClientToken(name=f"clients/{name}").token for name in ("reader", "officer")}
    _, copy = start(
        "--follow", daemon.address, "--set", f"follow.token_file={file}", *REQUIRED, data=tmp_path / "copy")
    # The copy began with what was there; this comes to it change by change.
    for number in (1, 2):
        name = f"later-{number}"
        admin.CreateDialogue(dialogue_id=name, dialogue=api.Dialogue(title=api.text(name), originating_organization=A))
        spoken = api.Intervention(kind="ADDRESS", speaker=SPEAKER, originating_organization=A)
        admin.CreateIntervention(parent=f"dialogues/{name}", intervention_id="i", intervention=spoken)
    before, still = (admin.GetIntervention(name=f"dialogues/later-{number}/interventions/i") for number in (1, 2))
    admin.UpdateIntervention(
        intervention=api.Intervention(name=before.name), update_mask=FieldMask(paths=["speaker"]))
    admin.UpdateDialogue(
        dialogue=api.Dialogue(name="dialogues/later-1", attribution_rule="CHATHAM_HOUSE"),
        update_mask=FieldMask(paths=["attribution_rule"]))
    head = admin.GetReplicationStatus().current_revision
    made = cli(daemon, "backup", "one", token=admin_token)
    assert made.returncode == 0, made.stderr
    restored = run("plenaryd", "restore", data / "backups/one", "--data", tmp_path / "restored")
    assert restored.returncode == 0, restored.stderr
    _, other = start(*REQUIRED, data=tmp_path / "restored")
    for address, is_copy in ((copy.address, True), (other.address, False)):
        clients = {name: RegistryClient(api, address, token=token) for name, token in tokens.items()}
        with clients["reader"] as reader, clients["officer"] as keeper, RegistryClient(
            api, address, token=admin_token
        ) as manager:
            if is_copy:
                until(manager.GetReplicationStatus, lambda status: status.current_revision == head)
            for record, time in ((SPOKEN, past.update_time), (before.name, before.update_time)):
                assert reader.GetIntervention(name=record).speaker == ""
                assert reader.refusal("GetIntervention", name=record, read_time=time).reason == "RESOURCE_NOT_FOUND"
                assert keeper.ask("GetIntervention", name=record, read_time=time).speaker == SPEAKER
            assert reader.ask("GetIntervention", name=still.name, read_time=still.update_time).speaker == SPEAKER
            changes = reader.ListChanges(page_size=1000, include_before=True, resource_types=TYPES).changes
            assert str(changes).count(SPEAKER) == 1
