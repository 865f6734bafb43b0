"""What the news item says that the example is taken from, row by row of the acceptance table, over the API.

Rows and parts of rows that need what the registry does not have yet (calendars) are not here.
"""

import hashlib
import random
import shutil
import unicodedata

import grpc
import pytest
from google.longrunning import operations_pb2 as operations
from google.protobuf import json_format
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS
from plenary_testing.harness import Harness
from plenary_testing.registry import RegistryClient, content, plenaryd
from plenary_testing.watchers import Watcher

SERIES = "series/asia-ict-ct-dialogue"
DIALOGUES = [f"dialogues/asia-ict-ct-{number}" for number in (1, 2, 3)]
MANDATE = "mandates/s-res-2129-2013"


def day(date):
    return (date.year, date.month, date.day)


def participants(partnership, api):
    roles = api.Partnership.Participant.Role
    return [(found.organization, roles.Name(found.role)) for found in partnership.participants]


def test_the_series_has_three_dialogues(example):
    """Row 1."""
    listed = example.records("ListDialogues", filter=f'series="{SERIES}"', order_by="ordinal")
    assert [(dialogue.name, dialogue.ordinal) for dialogue in listed] == list(zip(DIALOGUES, (1, 2, 3)))


def test_the_third_took_place_on_two_days(example):
    """Row 2."""
    dialogue = example.GetDialogue(name=DIALOGUES[2])
    assert (day(dialogue.start_date), day(dialogue.end_date)) == ((2018, 11, 7), (2018, 11, 8))


def test_the_first_took_place_in_may(example):
    """Row 3."""
    dialogue = example.GetDialogue(name=DIALOGUES[0])
    assert (day(dialogue.start_date), day(dialogue.end_date)) == ((2017, 5, 29), (2017, 5, 30))
    filter = 'start_date >= "2017-05-01" AND start_date <= "2017-05-31"'
    assert example.names("ListDialogues", filter=filter) == [DIALOGUES[0]]


def test_the_second_took_place_in_january(example):
    """Row 4."""
    dialogue = example.GetDialogue(name=DIALOGUES[1])
    assert (day(dialogue.start_date), day(dialogue.end_date)) == ((2018, 1, 24), (2018, 1, 25))
    assert example.names("ListDialogues", filter='overlaps("2018-01-25","2018-02-01")') == [DIALOGUES[1]]


@pytest.mark.parametrize(
    ("number", "locality", "region"), [(1, "Jeju Island", "KR"), (2, "Bangkok", "TH"), (3, "Kuala Lumpur", "MY")]
)
def test_each_took_place_somewhere(example, api, number, locality, region):
    """Rows 5, 6 and 7."""
    dialogue = example.GetDialogue(name=DIALOGUES[number - 1])
    assert (dialogue.location.locality, dialogue.location.region_code) == (locality, region)
    found = example.names("ListDialogues", filter=f'location.region_code="{region.lower()}"')
    assert found == [DIALOGUES[number - 1]]
    if number == 3:
        status = {citation.field_path: citation.status for citation in dialogue.citations}
        assert status["location.region_code"] == api.Citation.NORMALIZED


def test_all_were_workshops(example):
    """Row 8."""
    assert example.names("ListDialogues", filter="format=WORKSHOP") == DIALOGUES


def test_the_third_had_a_co_organizer(example, api):
    """Row 9."""
    filter = f'subject="{DIALOGUES[2]}" AND participants.role:CO_ORGANIZER'
    (partnership,) = example.records("ListPartnerships", filter=filter)
    assert ("organizations/cted", "CO_ORGANIZER") in participants(partnership, api)


def test_the_third_was_held_in_cooperation(example, api):
    """Row 10."""
    filter = f'subject="{DIALOGUES[2]}" AND participants.role:COOPERATING'
    (partnership,) = example.records("ListPartnerships", filter=filter)
    assert ("organizations/searcct", "COOPERATING") in participants(partnership, api)


def test_the_centre_is_under_a_ministry_which_cannot_be_deleted(example):
    """Row 11."""
    assert example.GetOrganization(name="organizations/searcct").parent_organization == "organizations/mfa-malaysia"
    for force in (False, True):
        refusal = example.refusal("DeleteOrganization", name="organizations/mfa-malaysia", force=force)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")
        assert refusal.obstacles == ["organizations/searcct"]


def test_the_second_had_an_additional_supporter(example, api):
    """Row 12."""
    (partnership,) = example.records("ListPartnerships", filter="participants.role:ADDITIONAL_SUPPORTER")
    assert partnership.subject == DIALOGUES[1]
    assert participants(partnership, api) == [("organizations/mfa-thailand", "ADDITIONAL_SUPPORTER")]


def test_the_series_had_a_supporter_in_a_year(example, api):
    """Row 13."""
    (partnership,) = example.records("ListPartnerships", filter="participants.role:SUPPORTER")
    assert partnership.subject == SERIES
    (supporter,) = [found for found in partnership.participants if found.role == api.Partnership.Participant.SUPPORTER]
    assert supporter.organization == "organizations/mfa-republic-of-korea"
    assert day(supporter.start_date) == (2017, 0, 0)


def test_the_series_was_launched_in_a_year(example, api):
    """Row 14: a partial date stays one, in JSON too."""
    (partnership,) = example.records("ListPartnerships", filter="participants.role:LAUNCHER")
    assert ("organizations/cted", "LAUNCHER") in participants(partnership, api)
    series = example.GetSeries(name=SERIES)
    assert day(series.launch_date) == (2017, 0, 0)
    text = json_format.MessageToJson(series)
    assert json_format.MessageToDict(series)["launchDate"] == {"year": 2017}
    assert json_format.Parse(text, api.Series()) == series


def test_the_third_builds_on_the_two_before_it(example, api):
    """Row 15."""
    assert sorted(example.GetDialogue(name=DIALOGUES[2]).predecessors) == DIALOGUES[:2]
    follows = api.Dialogue(name=DIALOGUES[0], predecessors=[DIALOGUES[2]])
    refusal = example.refusal("UpdateDialogue", dialogue=follows, update_mask=FieldMask(paths=["predecessors"]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PREDECESSOR_INVALID")


def test_a_place_in_the_series_is_given_once(example, api):
    """Row 16."""
    assert example.GetSeries(name=SERIES).title.values["en"] == "Asia ICT and CT Dialogue"
    again = api.Dialogue(series=SERIES, ordinal=3)
    refusal = example.refusal("CreateDialogue", dialogue_id="again", dialogue=again)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.ALREADY_EXISTS, "ORDINAL_TAKEN")


def test_the_series_is_within_an_initiative(example):
    """Row 17."""
    initiative = example.GetInitiative(name=example.GetSeries(name=SERIES).initiative)
    assert initiative.title.values["en"] == "Tech Against Terrorism"
    assert initiative.owner_organization == "organizations/cted"
    assert initiative.url.encode() == b"http://www.techagainstterrorism.org/"


def test_the_resolution_is_found_however_its_symbol_is_written(example, api):
    """Row 18."""
    for symbol in ["S/RES/2129(2013)", "s/res/2129 (2013)"]:
        assert example.names("ListMandates", filter=f'symbol="{symbol}"') == [MANDATE]
    mandate = api.Mandate(name=MANDATE, adopt_date={"year": 2014})
    refusal = example.refusal("UpdateMandate", mandate=mandate, update_mask=FieldMask(paths=["adopt_date"]))
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.reason == "SYMBOL_INVALID"


def test_the_security_council_adopted_it(example, api):
    """Row 19."""
    organ = example.GetOrganization(name=example.GetMandate(name=MANDATE).adopting_organization)
    assert (organ.title.values["en"], organ.kind) == ("Security Council", api.Organization.UN_PRINCIPAL_ORGAN)


def test_it_notes_the_nexus(example, api):
    """Row 20."""
    directive = example.GetDirective(name=f"{MANDATE}/directives/notes-nexus")
    assert directive.verb == api.Directive.NOTES
    assert len(set(directive.themes)) == 6


def test_uses_are_ordered_below_each_other_and_never_in_a_circle(example, api):
    """Row 21."""
    for filter in ['broader:"themes/use-facilitate"', "under(themes/use-facilitate)"]:
        below = example.names("ListThemes", filter=filter)
        assert below == [f"themes/use-{use}" for use in ("fund", "incite", "plan", "recruit")]
    circle = api.Theme(name="themes/use-facilitate", broader=["themes/use-fund"])
    refusal = example.refusal("UpdateTheme", theme=circle, update_mask=FieldMask(paths=["broader"]))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "THEME_CYCLE")


def test_a_theme_has_the_abbreviation_as_another_label(example):
    """Row 22."""
    found = example.names("ListThemes", filter='alt_labels.value:"Recruitment of FTFs"')
    assert found == ["themes/use-ftf-recruitment"]
    assert example.names("ListThemes", filter='search("FTFs")') == found


def test_it_directs_the_directorate(example, api):
    """Row 23."""
    directive = example.GetDirective(name=f"{MANDATE}/directives/address-ict")
    assert (directive.verb, directive.addressee) == (api.Directive.DIRECTS, "organizations/cted")


def test_it_names_who_is_to_be_consulted(example, api):
    """Row 24."""
    groups = example.GetDirective(name=f"{MANDATE}/directives/address-ict").stakeholder_groups
    assert sorted(groups) == sorted(number for number in api.Directive.StakeholderGroup.values() if number)


def test_it_names_who_is_to_be_advised(example):
    """Row 25."""
    (directive,) = example.records("ListDirectives", parent="mandates/-", filter='advisee="organizations/ctc"')
    assert directive.name == f"{MANDATE}/directives/advise-committee"


def test_the_internet_is_found_in_a_directive_and_in_everything(example):
    """Row 26."""
    found = example.names("ListDirectives", parent="mandates/-", filter='search("Internet")')
    assert f"{MANDATE}/directives/notes-nexus" in found
    results = example.SearchResources(query="Internet", page_size=1000).results
    assert {result.name for result in results} >= set(found)
    for result in results:
        assert result.resource_type.startswith("plenary.registry/")
        assert result.matches and all(match.field_path for match in result.matches)


def test_one_person_spoke(example, api):
    """Row 27."""
    (intervention,) = example.records("ListInterventions", parent="dialogues/-")
    assert intervention.name.startswith(DIALOGUES[2]) and intervention.kind == api.Intervention.ADDRESS
    speaker = example.GetPerson(name=intervention.speaker)
    assert (speaker.family_name, speaker.given_name) == ("Chen", "")
    assert speaker.office_title.values["en"] == "Deputy Executive Director"
    assert speaker.organization == "organizations/cted"


def test_a_public_private_partnership_can_be_told_from_others(filled, api):
    """Row 28."""
    assert len(filled.GetSeries(name=SERIES).aims) == 3
    company = api.Organization(title=api.text("A provider"), kind="PRIVATE_COMPANY")
    filled.CreateOrganization(organization_id="provider", organization=company)
    participant = api.Partnership.Participant
    partnership = api.Partnership(
        kind="PUBLIC_PRIVATE",
        subject=SERIES,
        themes=["themes/public-private-partnerships-self-regulation", "themes/topic-service-providers"],
        participants=[
            participant(organization="organizations/provider", role="COOPERATING"),
            participant(organization="organizations/mfa-malaysia", role="COOPERATING"),
        ],
    )
    made = filled.CreatePartnership(partnership_id="providers", partnership=partnership)
    assert filled.records("ListPartnerships", filter="kind=PUBLIC_PRIVATE") == [made]


def test_the_focus_is_on_asia(example):
    """Row 29."""
    assert example.GetSeries(name=SERIES).focus_m49_code == "142"
    for area, numbers in [("142", (1, 2, 3)), ("035", (2, 3)), ("030", (1,))]:
        found = example.names("ListDialogues", filter=f'within_m49("{area}")')
        assert found == [DIALOGUES[number - 1] for number in numbers]


# The languages of the hosts and the six of the United Nations, in Unicode normalization form C.
TEXTS = {
    "ko": "다양성",
    "th": "ความหลากหลาย",
    "ms": "kepelbagaian",
    "ar": "الحوارُ الآسيويُّ حول تكنولوجيا المعلومات (٢٠١٨)",
    "zh": "多样性",
    "en": "diversity",
    "fr": "diversité",
    "ru": "разнообразие",
    "es": "diversidad: ¿sí?",
}


def test_a_text_is_kept_in_the_languages_of_the_region_and_of_the_united_nations(filled, api):
    """Row 30: and stays as it is through every format."""
    assert "ethnic" in filled.GetSeries(name=SERIES).context_note.values["en"]
    texts = {language: unicodedata.normalize("NFC", text) for language, text in TEXTS.items()}
    note = api.LocalizedText(values=texts, original_language="ar")
    filled.UpdateSeries(
        series=api.Series(name=SERIES, context_note=note), update_mask=FieldMask(paths=["context_note"])
    )
    assert dict(filled.GetSeries(name=SERIES).context_note.values) == texts
    text = json_format.MessageToJson(api.Bundle(records=filled.export()), ensure_ascii=False)
    assert texts["ar"] in text
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as other:
        other.import_records(json_format.Parse(text, api.Bundle()).records)
        assert dict(other.GetSeries(name=SERIES).context_note.values) == texts


def test_only_the_third_has_topics(example):
    """Row 32."""
    assert [len(example.GetDialogue(name=name).topics) for name in DIALOGUES] == [0, 0, 5]


def test_its_working_groups_have_a_theme_each(example, api):
    """Row 33."""
    groups = example.records("ListWorkingGroups", parent=DIALOGUES[2], order_by="ordinal")
    assert [group.ordinal for group in groups] == [1, 2, 3]
    assert [group.theme for group in groups] == list(example.GetDialogue(name=DIALOGUES[2]).themes)
    other = api.WorkingGroup(ordinal=4, theme="themes/use-fund")
    refusal = example.refusal("CreateWorkingGroup", parent=DIALOGUES[2], working_group_id="wg-4", working_group=other)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "THEME_NOT_ON_DIALOGUE")


def test_the_dialogue_of_a_theme_is_found(example):
    """Row 34."""
    filter = 'themes:"themes/public-private-partnerships-self-regulation"'
    assert example.names("ListDialogues", filter=filter) == [DIALOGUES[2]]


def test_the_third_theme_has_its_label(example):
    """Row 35."""
    theme = example.GetTheme(name="themes/cyber-protection-critical-infrastructure")
    assert theme.notation == "3"
    assert theme.pref_label.values["en"] == "Cyber protection of critical infrastructure against terrorist attacks"


def test_the_outcomes_report_has_its_title_and_is_a_draft(example, api):
    """Row 39."""
    (report,) = example.records("ListOutcomeReports")
    assert report.title.values["en"] == "Outcomes report of the Asia ICT and CT Dialogue"
    assert (report.series, list(report.dialogues)) == (SERIES, DIALOGUES)
    assert report.state == api.OutcomeReport.DRAFT


def test_participants_were_encouraged_to_continue(example):
    """Row 40."""
    assert "encouraged to go on" in example.GetDialogue(name=DIALOGUES[2]).summary.values["en"]


def test_an_import_of_what_is_there_changes_nothing_and_an_export_is_canonical(filled, api):
    """Row 43."""
    before = filled.ask_with_headers("GetSeries", name=SERIES)[1]
    again = filled.import_records(api.example())
    assert again.outcomes == {"UNCHANGED": 41}
    assert again.summary.applied and again.summary.revision == before["plenary-revision"]
    exported = export_bytes(filled, api)
    assert len(exported) == 41
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as other:
        # In any order: what is exported does not tell in which it came.
        outcome = other.import_records(api.Record.FromString(record) for record in reversed(exported))
        assert outcome.outcomes == {"CREATED": 41}
        assert export_bytes(other, api) == exported
        assert other.import_records(map(api.Record.FromString, exported)).outcomes == {"UNCHANGED": 41}


def test_an_export_does_not_tell_how_what_was_imported_was_written(filled, api):
    """Row 43: what was imported has one canonical form, and the export is it, byte for byte."""
    exported = export_bytes(filled, api)
    written = api.example()
    random.Random(43).shuffle(written)
    for record in map(content, written):
        if record.DESCRIPTOR.name == "Dialogue":
            record.location.region_code = record.location.region_code.lower()
        if record.DESCRIPTOR.name == "Mandate":
            record.symbol = record.symbol.lower().replace("(", " (")
        for field in ["title", "pref_label", "summary", "context_note"]:
            if field in record.DESCRIPTOR.fields_by_name and record.HasField(field):
                values = getattr(record, field).values
                for language in list(values):
                    values[language.upper()] = unicodedata.normalize("NFD", values.pop(language))
                getattr(record, field).original_language = getattr(record, field).original_language.upper()
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as other:
        outcome = other.import_records(written)
        assert outcome.outcomes == {"CREATED": 41}, outcome.results
        assert export_bytes(other, api) == exported
        assert other.import_records(api.example()).outcomes == {"UNCHANGED": 41}


def test_a_backup_brings_everything_back(api, tmp_path):
    """Row 43: backup, wipe, restore, and the digest is the same."""
    data, backups = tmp_path / "data", tmp_path / "backups"
    options = ("--set", f"backup.directory={backups}")
    with plenaryd(*options, data=data) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        before = digest(client, api)
        begun = client.BackupRegistry(backup_id="one")
        wait = client.channel.unary_unary(
            "/google.longrunning.Operations/WaitOperation",
            request_serializer=operations.WaitOperationRequest.SerializeToString,
            response_deserializer=operations.Operation.FromString,
        )
        ended = wait(operations.WaitOperationRequest(name=begun.name, timeout={"seconds": 30}), timeout=CALL_SECONDS)
        assert ended.done and ended.HasField("response"), ended
    shutil.rmtree(data)
    restored = run("plenaryd", "restore", backups / "one", "--data", data)
    assert restored.returncode == 0, restored.stderr
    with plenaryd(data=data) as daemon, RegistryClient(api, daemon.address) as client:
        assert digest(client, api) == before


def digest(client, api):
    """The digest of a registry: that of its canonical export."""
    return hashlib.sha256(b"".join(export_bytes(client, api))).hexdigest()


def export_bytes(client, api):
    """The records of an export, as the bytes that they came in."""
    header, *answers = client.channel.unary_stream(
        "/plenary.v1.ExportService/ExportRegistry",
        request_serializer=api.ExportRegistryRequest.SerializeToString,
        response_deserializer=bytes,
    )(api.ExportRegistryRequest(), timeout=60)
    assert api.ExportRegistryResponse.FromString(header).header.revision
    # One field of the message, number 2: its key, a length, and the record.
    records = []
    for answer in answers:
        record = api.ExportRegistryResponse.FromString(answer).record.ByteSize()
        records.append(answer[-record:])
    return records


def test_the_whole_item_can_be_imported_and_every_citation_leads_to_its_source(registry, api):
    """Row 45."""
    rehearsal = registry.import_records(api.example(), dry_run=True)
    assert rehearsal.outcomes == {"CREATED": 41}
    assert (rehearsal.summary.created_count, rehearsal.summary.failed_count) == (41, 0)
    assert not rehearsal.summary.applied and registry.export() == []
    real = registry.import_records(api.example())
    assert real.outcomes == {"CREATED": 41} and real.summary.applied
    records = [content(record) for record in registry.export()]
    cited = {citation.source for record in records for citation in record.citations}
    assert cited == {record.name for record in records if record.name.startswith("sources/")}
    for name in cited:
        assert registry.GetSource(name=name).title.values
    # Whatever the item states of a dialogue, its record says where.
    dialogue = registry.GetDialogue(name=DIALOGUES[2])
    paths = {citation.field_path.split(".")[0] for citation in dialogue.citations}
    assert {"start_date", "end_date", "location", "format", "themes", "topics", "predecessors", "summary"} <= paths


def test_a_system_works_with_the_registry_and_goes_on_after_a_restart(api, tmp_path):
    """Row 42: a client made from the protos creates, reads, and updates with a mask and an etag."""
    with plenaryd(data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        made = client.CreateTheme(theme_id="made", theme=api.theme("Made elsewhere", notation="1"))
        assert client.GetTheme(name="themes/made") == made
        change = api.Theme(name="themes/made", etag=made.etag, notation="2", scheme="left alone")
        changed = client.UpdateTheme(theme=change, update_mask=FieldMask(paths=["notation"]))
        assert (changed.notation, changed.scheme) == ("2", made.scheme)
        refusal = client.refusal("UpdateTheme", theme=change, update_mask=FieldMask(paths=["notation"]))
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
        assert refusal.metadata["actual"] == changed.etag
        before = client.export()
    with plenaryd(data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        assert client.export() == before and client.GetTheme(name="themes/made") == changed
        # What was learned before is still good: etags, and revisions of the past and to go on from.
        assert client.GetTheme(name="themes/made", revision=made.revision).notation == "1"
        assert client.GetTheme(name="themes/made", at_least_as_fresh=changed.revision) == changed
        change = api.Theme(name="themes/made", etag=changed.etag, notation="3")
        again = client.UpdateTheme(theme=change, update_mask=FieldMask(paths=["notation"]))
        differences = client.DiffRegistry(from_revision=changed.revision).changes
        assert [(found.name, list(found.changed_fields)) for found in differences] == [("themes/made", ["notation"])]
        assert again.notation == "3"


def test_a_system_watches_and_resumes_after_a_restart_without_loss_or_duplicate(api, tmp_path):
    """Row 42: what was told before the daemon was killed does not come again, and nothing in between is missing."""
    with plenaryd(data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        client.import_records(api.example())
        with Watcher(api, client.channel, snapshot=True) as watcher:
            watcher.wait_until_caught_up()
            assert len(watcher.changes) == 41
            made = client.CreateTheme(theme_id="made", theme=api.theme("Made elsewhere"))
            watcher.wait_for_revision(made.revision)
            assert [change.resource for change in watcher.changes[41:]] == ["themes/made"]
            told = watcher.revision
        missed = client.UpdateTheme(
            theme=api.Theme(name="themes/made", notation="2"), update_mask=FieldMask(paths=["notation"])
        )
        daemon.kill()
    with plenaryd(data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        with Watcher(api, client.channel, after_revision=told) as watcher:
            watcher.wait_for_revision(missed.revision)
            deleted = client.DeleteTheme(name="themes/made")
            watcher.wait_for_revision(deleted.revision)
            kinds = [(api.Change.Kind.Name(change.kind), change.resource) for change in watcher.changes]
            assert kinds == [("UPDATED", "themes/made"), ("REMOVED", "themes/made")]
            assert watcher.changes[0].after.theme == missed


def test_two_registries_for_tests_have_the_same_clock_and_ids_and_share_no_data(api, stubs):
    """Row 44; what the start in a process takes is measured, and in WithPlenaryTests."""
    options = ("--example", "--clock", "manual", "--seed", 7)
    with Harness(api, stubs, *options) as one, Harness(api, stubs, *options) as other:
        made = [client.CreateTheme(theme_id="made", theme=api.theme()) for client in (one.registry, other.registry)]
        assert made[0] == made[1] and made[0].uid
        one.registry.DeleteTheme(name="themes/made")
        assert not other.registry.GetTheme(name="themes/made").HasField("delete_time")
