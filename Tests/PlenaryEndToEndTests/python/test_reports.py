"""Outcome reports: compiled, read, verified and taken to publication, by grpcio and at the command line."""

import hashlib
import json

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS
from plenary_testing.operations import Operations, unpacked
from plenary_testing.registry import RegistryClient, plenaryd

REPORT = "outcomeReports/asia-ict-ct-outcomes"
DIALOGUES = [f"dialogues/asia-ict-ct-{number}" for number in (1, 2, 3)]
GROUPS = [f"{DIALOGUES[2]}/workingGroups/wg-{number}" for number in (1, 2, 3)]
PERSON = "persons/asia-ict-ct-3-caption-1"


def compiled(client, api, **fields):
    """The report as an operation has compiled it."""
    ended = Operations(client).finish(client.CompileOutcomeReport(**{"name": REPORT} | fields))
    assert ended.WhichOneof("result") == "response", ended
    return unpacked(ended.response, api.CompileOutcomeReportResponse)


def read(client, api, **fields):
    """The header and the bytes of the content of a report."""
    stream = api.stub(client.channel, "ReadOutcomeReportContent")(
        api.request("ReadOutcomeReportContent", **{"name": REPORT} | fields), timeout=CALL_SECONDS)
    first = next(stream)
    assert first.HasField("header")
    return first.header, b"".join(piece.chunk for piece in stream)


def content_of(client, api, **fields):
    """The content of a report, whose digest is what its header says, in the form of RFC 8785."""
    header, data = read(client, api, **fields)
    assert hashlib.sha256(data).hexdigest() == header.content_digest and len(data) == header.size_bytes
    value = json.loads(data)
    assert json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == data
    return json_format.Parse(data, api.OutcomeContent())


def gaps_of(report, api):
    return [(api.OutcomeGap.Kind.Name(gap.kind), gap.subject) for gap in report.gaps]


def fill(client, api):
    """What the example lacks."""
    for number, group in enumerate(GROUPS, 1):
        results = api.WorkingGroup(name=group, results_summary=api.text(f"Results of group {number}"))
        client.UpdateWorkingGroup(working_group=results, update_mask=FieldMask(paths=["results_summary"]))
        client.ReportWorkingGroup(name=group)
    for dialogue in DIALOGUES:
        for ordinal in (2, 1):
            panel = api.Panel(ordinal=ordinal, title=api.text(f"Panel {ordinal}"), summary=api.text(f"Panel {ordinal} of {dialogue}"))
            client.CreatePanel(parent=dialogue, panel_id=f"p{ordinal}", panel=panel)


def plenary(client, *arguments, code=0, **settings):
    done = run("plenary", "--server", client.address, "report", *arguments, **settings)
    assert done.returncode == code, done.stderr
    return done


# Acceptance rows 36 to 39.


def test_the_example_lacks_exactly_its_results_and_panels(filled, api):
    answer = compiled(filled, api, validate_only=True)
    themes = list(filled.GetDialogue(name=DIALOGUES[2]).themes)
    assert gaps_of(answer.outcome_report, api) == (
        [("GROUP_WITHOUT_RESULTS", group) for group in GROUPS]
        + [("DIALOGUE_WITHOUT_PANELS", dialogue) for dialogue in DIALOGUES]
        + [("THEME_WITHOUT_FINDINGS", theme) for theme in themes])
    assert filled.GetOutcomeReport(name=REPORT).state == api.OutcomeReport.DRAFT
    shown = plenary(filled, "gaps", "asia-ict-ct-outcomes", "--output", "json").stdout
    assert [(gap["kind"], gap["subject"]) for gap in json.loads(shown)] == gaps_of(answer.outcome_report, api)
    assert plenary(filled, "gaps", REPORT).stdout.count("\n") == 10


def test_results_stand_in_part_c_and_panels_in_part_b(filled, api):
    fill(filled, api)
    report = compiled(filled, api).outcome_report
    assert not report.gaps and report.state == api.OutcomeReport.COMPILED
    content = content_of(filled, api)
    title = "Outcomes report of the Asia ICT and CT Dialogue"
    assert [text.text for text in content.title.texts] == [title]
    assert [section.origin.name for section in content.dialogues] == DIALOGUES
    for section in content.dialogues:
        assert [panel.ordinal for panel in section.panels] == [1, 2]
        assert [panel.summary.texts[0].text for panel in section.panels] == [
            f"Panel {number} of {section.origin.name}" for number in (1, 2)]
    results = [result.results.texts[0].text for theme in content.themes for result in theme.results]
    assert results == [f"Results of group {number}" for number in (1, 2, 3)]
    roles = {api.Partnership.Participant.Role.Name(group.role): list(group.organizations) for group in content.dialogues[2].partners}
    assert roles == {"CO_ORGANIZER": ["organizations/cted"], "COOPERATING": ["organizations/searcct"]}
    assert [mandate.symbol for mandate in content.background.mandates] == ["S/RES/2129 (2013)"]
    assert len(content.background.aims) == 3
    (coverage,) = content.coverage
    assert len(coverage.rows) == 6 and all(row.gap for row in coverage.rows)


def test_the_dialogues_are_those_held_so_far_and_an_old_revision_gives_the_old_digest(filled, api):
    fill(filled, api)
    everything = api.OutcomeReport(name=REPORT)
    filled.UpdateOutcomeReport(outcome_report=everything, update_mask=FieldMask(paths=["dialogues"]))
    first = compiled(filled, api).outcome_report
    assert list(first.compiled_dialogues) == DIALOGUES
    fourth = api.Dialogue(series="series/asia-ict-ct-dialogue", ordinal=4)
    filled.CreateDialogue(dialogue_id="asia-ict-ct-4", dialogue=fourth)
    assert compiled(filled, api).outcome_report.content_digest == first.content_digest
    later = api.Panel(name=f"{DIALOGUES[0]}/panels/p1", summary=api.text("Another summary"))
    filled.UpdatePanel(panel=later, update_mask=FieldMask(paths=["summary"]))
    changed = compiled(filled, api).outcome_report
    assert changed.content_digest != first.content_digest
    again = compiled(filled, api, revision=first.input_revision).outcome_report
    assert again.content_digest == first.content_digest
    assert content_of(filled, api).dialogues[0].panels[0].summary.texts[0].text != "Another summary"
    shown = plenary(filled, "compile", REPORT, "--at", changed.input_revision, "--output", "json").stdout
    assert json.loads(shown)["outcomeReport"]["contentDigest"] == changed.content_digest


def test_a_report_is_published_and_superseded_by_two_clients(api, admin, member):
    assert admin.import_records(api.example()).summary.applied
    fill(admin, api)
    writer, reader = member("writer", "PUBLISHER@*"), member("reader", "READER")
    report = compiled(writer, api).outcome_report
    writer.SubmitOutcomeReport(name=REPORT)
    own = writer.refusal("ApproveOutcomeReport", name=REPORT)
    assert (own.code, own.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "FOUR_EYES")
    assert reader.refusal("ApproveOutcomeReport", name=REPORT).reason == "ROLE_MISSING"
    approver = member("approver", "PUBLISHER@*")
    approved = approver.ApproveOutcomeReport(name=REPORT)
    assert (approved.approver, approved.compiler) == ("clients/approver", "clients/writer")
    frozen = writer.refusal(
        "UpdateOutcomeReport", outcome_report=api.OutcomeReport(name=REPORT, title=api.text("Other")))
    assert (frozen.code, frozen.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CONTENT_FROZEN")
    writer.PublishOutcomeReport(name=REPORT)
    assert read(reader, api)[0].content_digest == report.content_digest
    later = api.OutcomeReport(series="series/asia-ict-ct-dialogue", supersedes=REPORT)
    writer.CreateOutcomeReport(outcome_report_id="later", outcome_report=later)
    name = "outcomeReports/later"
    compiled(writer, api, name=name)
    writer.SubmitOutcomeReport(name=name)
    approver.ApproveOutcomeReport(name=name)
    superseded = writer.SupersedeOutcomeReport(name=REPORT, successor=name)
    assert superseded.state == api.OutcomeReport.SUPERSEDED


def test_an_operation_is_there_for_whoever_began_it(api, admin, member):
    assert admin.import_records(api.example()).summary.applied
    writer, other = member("writer", "EDITOR@*"), member("other", "EDITOR@*")
    begun = writer.CompileOutcomeReport(name=REPORT)
    Operations(writer).finish(begun)
    assert [operation.name for operation in Operations(writer).list().operations] == [begun.name]
    assert not Operations(other).list().operations
    for method in ("get", "wait", "cancel", "delete"):
        assert Operations(other).refusal(method, name=begun.name).reason == "RESOURCE_NOT_FOUND"
    assert Operations(admin).get(name=begun.name).done


# The content.


@pytest.mark.parametrize(
    ("zone", "locale", "threads"), [("Asia/Bangkok", "tr_TR.UTF-8", "1"), ("America/St_Johns", "C", "7")])
def test_machines_that_are_set_up_otherwise_give_equal_bytes(api, example_content, zone, locale, threads):
    environment = {
        "TZ": zone, "LANG": locale, "LC_ALL": locale, "SWIFT_DETERMINISTIC_HASHING": threads,
        "LIBDISPATCH_COOPERATIVE_POOL_STRICT": threads}
    records = api.example()
    records.reverse()
    with plenaryd("--threads", threads, env=environment) as daemon, RegistryClient(api, daemon.address) as client:
        # Records that were entered one after the other, in another order, have other revisions.
        assert client.import_records(records).summary.applied
        fill(client, api)
        compiled(client, api)
        assert read(client, api)[1] == example_content


@pytest.fixture(scope="module")
def example_content(api):
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as client:
        assert client.import_records(api.example()).summary.applied
        fill(client, api)
        compiled(client, api)
        return read(client, api)[1]


def test_content_is_read_on_from_where_a_call_was_cut_off(filled, api):
    compiled(filled, api)
    header, data = read(filled, api)
    assert read(filled, api, offset=1000, content_digest=header.content_digest)[1] == data[1000:]
    assert filled.refusal("GetOutcomeReport", name="outcomeReports/none").reason == "RESOURCE_NOT_FOUND"
    for fields, reason in [
        ({"offset": len(data) + 1}, "NUMBER_OUT_OF_RANGE"), ({"content_digest": "00"}, "ETAG_MISMATCH"),
        ({"name": "outcomeReports/none"}, "RESOURCE_NOT_FOUND"),
    ]:
        with pytest.raises(grpc.RpcError) as refused:
            read(filled, api, **fields)
        assert reason in dict(refused.value.trailing_metadata())["grpc-status-details-bin"].decode("latin-1")


def test_a_report_is_compiled_shown_and_verified_at_the_terminal(filled, api, tmp_path):
    rehearsed = plenary(filled, "compile", REPORT, "--dry-run")
    assert "dry run" in rehearsed.stdout and filled.GetOutcomeReport(name=REPORT).state == api.OutcomeReport.DRAFT
    made = plenary(filled, "compile", "asia-ict-ct-outcomes").stdout
    digest = filled.GetOutcomeReport(name=REPORT).content_digest
    assert digest in made and "compiled outcomeReports/asia-ict-ct-outcomes" in made
    shown = plenary(filled, "show", REPORT).stdout
    assert digest in shown and "S/RES/2129 (2013)" in shown
    file = tmp_path / "outcomes.json"
    plenary(filled, "show", REPORT, "--file", file)
    data = file.read_bytes()
    assert data == read(filled, api)[1] == plenary(filled, "show", REPORT, "--output", "json").stdout.encode()
    # Nothing is asked of a daemon.
    offline = run("plenary", "--server", "localhost:1", "report", "verify", file, "--digest", digest)
    assert offline.returncode == 0 and digest in offline.stdout, offline.stderr
    plenary(filled, "verify", file, "--report", REPORT)
    indented = tmp_path / "indented.json"
    indented.write_text(json.dumps(json.loads(data), indent=2))
    assert "no: the digest is that of its canonical form" in plenary(filled, "verify", indented, "--digest", digest).stdout
    forged = tmp_path / "forged.json"
    forged.write_bytes(data.replace(b"Jeju", b"Juje"))
    assert "is not the content of outcomeReports/" in plenary(filled, "verify", forged, "--report", REPORT, code=9).stderr
    assert plenary(filled, "verify", forged, "--digest", digest, code=9)
    forged.write_text("{}x")
    plenary(filled, "verify", forged, code=7)
    plenary(filled, "submit", REPORT)
    assert "REPORT_INCOMPLETE" in plenary(filled, "approve", REPORT, code=6).stderr
    plenary(filled, "return", REPORT, "--reason", "results are missing")
    fill(filled, api)
    plenary(filled, "compile", REPORT)
    for verb in ("submit", "approve", "publish"):
        plenary(filled, verb, REPORT)
    assert filled.GetOutcomeReport(name=REPORT).state == api.OutcomeReport.PUBLISHED


def test_a_dialogue_under_the_chatham_house_rule_names_nobody_anywhere(filled, api):
    """Row 27: no names in the content, in a search, a watch or an export."""
    filled.DeleteIntervention(name=f"{DIALOGUES[2]}/interventions/caption-1")
    rule = api.Dialogue(name=DIALOGUES[2], attribution_rule="CHATHAM_HOUSE")
    filled.UpdateDialogue(dialogue=rule, update_mask=FieldMask(paths=["attribution_rule"]))
    since = filled.GetStoreStatus().current_revision
    forbidden = filled.refusal(
        "CreateIntervention", parent=DIALOGUES[2], intervention_id="i2",
        intervention=api.Intervention(kind="ADDRESS", speaker=PERSON))
    assert (forbidden.code, forbidden.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ATTRIBUTION_FORBIDDEN")
    compiled(filled, api)
    content = content_of(filled, api)
    section = content.dialogues[2]
    assert section.chatham_house and not section.interventions
    assert [(list(group.organizations), group.count_text) for group in section.partners] == [([], "fewer than 3")] * 2
    text = read(filled, api)[1].decode()
    assert "Chen" not in text and "searcct" not in text and "caption-1" not in text
    found = [(result.name, result.resource_type) for result in filled.SearchResources(query="Chen").results]
    assert found == [(PERSON, "plenary.registry/Person")]
    for record in filled.export(resource_types=["plenary.registry/Intervention", "plenary.registry/WorkingGroup"]):
        assert PERSON not in str(record)
    speech = api.Intervention(kind="ADDRESS", summary=api.text("What was said"))
    filled.CreateIntervention(parent=DIALOGUES[2], intervention_id="i3", intervention=speech)
    changes = filled.ListChanges(after_revision=since, resource_types=["plenary.registry/Intervention"]).changes
    assert len(changes) == 1 and not any(PERSON in str(change) for change in changes)


def test_an_erased_person_is_gone_from_a_published_report_and_stays_so_after_a_restore(api, start, tmp_path):
    data, backups = tmp_path / "data", tmp_path / "backups"
    client, daemon = start("--set", f"backup.directory={backups}", data=data)
    assert client.import_records(api.example()).summary.applied
    fill(client, api)
    before = compiled(client, api).outcome_report
    for verb in ("Submit", "Approve", "Publish"):
        client.ask(f"{verb}OutcomeReport", name=REPORT)
    assert b"Chen" in read(client, api)[1]
    Operations(client).finish(client.BackupRegistry(backup_id="before"))
    client.ErasePerson(name=PERSON, reason="asked for")

    def check(client):
        report = client.GetOutcomeReport(name=REPORT)
        assert report.state == api.OutcomeReport.PUBLISHED
        assert [redaction.replaced_digest for redaction in report.redactions] == [before.content_digest]
        content = content_of(client, api)
        assert content.replaced_digest == before.content_digest
        (person,) = content.persons
        assert person.redacted and not person.family_name and b"Chen" not in read(client, api)[1]
        return report.content_digest

    digest = check(client)
    follower, _ = start("--follow", daemon.address, data=tmp_path / "copy")
    assert check(follower) == digest
    daemon.stop()
    restored = run("plenaryd", "restore", backups / "before", "--data", data, "--replace")
    assert restored.returncode == 0, restored.stderr
    again, _ = start(data=data)
    assert check(again) == digest


def test_history_that_a_report_rests_on_is_not_compacted(filled, api):
    fill(filled, api)
    report = compiled(filled, api).outcome_report
    filled.SubmitOutcomeReport(name=REPORT)
    filled.ApproveOutcomeReport(name=REPORT)
    later = filled.GetStoreStatus().current_revision
    refused = filled.refusal("CompactHistory", to_revision=later)
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")
    assert refused.obstacles == [REPORT]
    filled.CompactHistory(to_revision=report.input_revision)
    assert read(filled, api)[0].content_digest == report.content_digest
