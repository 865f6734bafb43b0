"""The methods that move records from state to state, by grpcio: each one of each kind, and what they have in common."""

import uuid

import grpc
import pytest
from google.type.date_pb2 import Date

from plenary_testing.operations import Operations

DIALOGUE = "dialogues/made"
GROUP = f"{DIALOGUE}/workingGroups/one"
PARTNERSHIP = "partnerships/made"
SERIES = "series/made"
THEME = "themes/made"
PANEL = f"{DIALOGUE}/panels/one"
CONSULTATION = "consultations/made"
ADVICE = "recommendations/made"
REPORT = "outcomeReports/made"

# The method, the record, the state before it and after it, and further fields.
STEPS = [
    ("ScheduleDialogue", DIALOGUE, "DRAFT", "SCHEDULED", {}),
    ("PostponeDialogue", DIALOGUE, "SCHEDULED", "POSTPONED", {"reason": "no room"}),
    ("ScheduleDialogue", DIALOGUE, "POSTPONED", "SCHEDULED", {}),
    ("StartDialogue", DIALOGUE, "SCHEDULED", "RUNNING", {}),
    ("ConcludeDialogue", DIALOGUE, "RUNNING", "CONCLUDED", {"as_of": Date(year=2018, month=1, day=25)}),
    ("ConcludeDialogue", DIALOGUE, "DRAFT", "CONCLUDED", {"record": True, "time_zone": "Asia/Bangkok"}),
    ("ArchiveDialogue", DIALOGUE, "CONCLUDED", "ARCHIVED", {"reason": "no report was asked for"}),
    ("CancelDialogue", DIALOGUE, "POSTPONED", "CANCELLED", {}),
    ("SuspendSeries", SERIES, "ACTIVE", "SUSPENDED", {}),
    ("ResumeSeries", SERIES, "SUSPENDED", "ACTIVE", {}),
    ("EndSeries", SERIES, "SUSPENDED", "ENDED", {}),
    ("ReportWorkingGroup", GROUP, "OPEN", "REPORTED", {}),
    ("ReopenWorkingGroup", GROUP, "REPORTED", "OPEN", {}),
    ("ActivatePartnership", PARTNERSHIP, "PROPOSED", "ACTIVE", {}),
    ("DeclinePartnership", PARTNERSHIP, "PROPOSED", "DECLINED", {}),
    ("SuspendPartnership", PARTNERSHIP, "ACTIVE", "SUSPENDED", {}),
    ("ResumePartnership", PARTNERSHIP, "SUSPENDED", "ACTIVE", {"as_of": Date(year=2018, month=1, day=1)}),
    ("EndPartnership", PARTNERSHIP, "ACTIVE", "ENDED", {}),
    ("DeprecateTheme", THEME, "ACTIVE", "DEPRECATED", {"replaced_by": "themes/other"}),
    ("ReactivateTheme", THEME, "DEPRECATED", "ACTIVE", {}),
    ("ReportPanel", PANEL, "OPEN", "REPORTED", {}),
    ("ReopenPanel", PANEL, "REPORTED", "OPEN", {}),
    ("CloseConsultation", CONSULTATION, "OPEN", "CLOSED", {}),
    ("SubmitRecommendation", ADVICE, "DRAFT", "SUBMITTED", {}),
    ("AcceptRecommendation", ADVICE, "SUBMITTED", "ACCEPTED", {}),
    ("AcceptPartiallyRecommendation", ADVICE, "SUBMITTED", "PARTIALLY_ACCEPTED", {}),
    ("RejectRecommendation", ADVICE, "SUBMITTED", "REJECTED", {}),
    ("BeginRecommendation", ADVICE, "PARTIALLY_ACCEPTED", "IMPLEMENTING", {}),
    ("CompleteRecommendation", ADVICE, "IMPLEMENTING", "IMPLEMENTED", {}),
    ("WithdrawRecommendation", ADVICE, "DRAFT", "WITHDRAWN", {}),
    ("SupersedeRecommendation", ADVICE, "SUBMITTED", "SUPERSEDED", {"successor": "recommendations/other"}),
    ("SubmitOutcomeReport", REPORT, "COMPILED", "IN_REVIEW", {}),
    ("ReturnOutcomeReport", REPORT, "IN_REVIEW", "COMPILED", {}),
    ("ApproveOutcomeReport", REPORT, "IN_REVIEW", "APPROVED", {}),
    ("PublishOutcomeReport", REPORT, "APPROVED", "PUBLISHED", {}),
    ("SupersedeOutcomeReport", REPORT, "PUBLISHED", "SUPERSEDED", {"successor": "outcomeReports/other"}),
]

# The states of each kind.
STATES = {
    "Dialogue": ["DRAFT", "SCHEDULED", "RUNNING", "CONCLUDED", "ARCHIVED", "POSTPONED", "CANCELLED"],
    "Series": ["ACTIVE", "SUSPENDED", "ENDED"],
    "WorkingGroup": ["OPEN", "REPORTED"],
    "Partnership": ["PROPOSED", "ACTIVE", "SUSPENDED", "ENDED", "DECLINED"],
    "Theme": ["ACTIVE", "DEPRECATED"],
    "Panel": ["OPEN", "REPORTED"],
    "Consultation": ["OPEN", "CLOSED"],
    "Recommendation": [
        "DRAFT",
        "SUBMITTED",
        "ACCEPTED",
        "PARTIALLY_ACCEPTED",
        "REJECTED",
        "IMPLEMENTING",
        "IMPLEMENTED",
        "WITHDRAWN",
        "SUPERSEDED",
    ],
    "OutcomeReport": ["DRAFT", "COMPILED", "IN_REVIEW", "APPROVED", "PUBLISHED", "SUPERSEDED"],
}


def kind_of(method):
    return next(kind for kind in STATES if method.endswith(kind))


@pytest.fixture
def made(registry, api):
    """Imports one record of each kind with states, one of them in a state of its own."""

    def make(name=None, state=None):
        # A report is only reviewed if it was compiled here.
        is_compiled = name == REPORT and state in ("COMPILED", "IN_REVIEW")

        def of(message, **fields):
            record = message(**fields)
            if record.name == name and not is_compiled:
                record.state = message.State.Value(state)
            return record

        def person_or_body(role):
            return api.Partnership.Participant(organization="organizations/made", role=role)

        text = api.text("A sample")
        records = [
            api.Record(organization=api.Organization(name="organizations/made", title=text, kind="ACADEMIA")),
            api.Record(theme=of(api.Theme, name=THEME, scheme="samples", pref_label=text)),
            api.Record(theme=of(api.Theme, name="themes/other", scheme="samples", pref_label=api.text("Another"))),
            api.Record(series=of(api.Series, name=SERIES, title=text)),
            api.Record(
                dialogue=of(
                    api.Dialogue,
                    name=DIALOGUE,
                    title=text,
                    series=SERIES,
                    ordinal=1,
                    themes=[THEME],
                    start_date=Date(year=2018, month=1, day=24),
                    end_date=Date(year=2018, month=1, day=25),
                    location=api.Dialogue.Location(locality="Bangkok", region_code="TH"),
                )
            ),
            api.Record(working_group=of(api.WorkingGroup, name=GROUP, theme=THEME, results_summary=text)),
            api.Record(
                partnership=of(
                    api.Partnership, name=PARTNERSHIP, subject=DIALOGUE, participants=[person_or_body("CO_ORGANIZER")]
                )
            ),
        ]
        mandate = api.Mandate(name="mandates/made", symbol="S/2017/375", adopting_organization="organizations/made")
        directive = api.Directive(name=f"{mandate.name}/directives/one", verb="NOTES", summary=text)
        advice = {"text": text, "dialogue": DIALOGUE, "addressee": "organizations/made"}
        records += [
            api.Record(mandate=mandate),
            api.Record(directive=directive),
            api.Record(panel=of(api.Panel, name=PANEL, summary=text)),
            api.Record(
                consultation=of(
                    api.Consultation, name=CONSULTATION, directive=directive.name, stakeholder_group="CIVIL_SOCIETY"
                )
            ),
            api.Record(recommendation=of(api.Recommendation, name=ADVICE, **advice)),
            api.Record(recommendation=of(api.Recommendation, name="recommendations/other", **advice)),
        ]
        # Reports on a series of their own: nothing else rests on them.
        later = api.OutcomeReport(name="outcomeReports/other", series="series/other", supersedes=REPORT, state="APPROVED")
        records += [
            api.Record(series=api.Series(name="series/other", title=text)),
            api.Record(outcome_report=of(api.OutcomeReport, name=REPORT, series="series/other")),
            api.Record(outcome_report=later),
        ]
        assert registry.import_records(records).summary.applied
        if is_compiled:
            Operations(registry).finish(registry.CompileOutcomeReport(name=REPORT))
        if is_compiled and state == "IN_REVIEW":
            registry.SubmitOutcomeReport(name=REPORT)
        return registry

    return make


def state_of(registry, name, method):
    record = registry.ask(f"Get{kind_of(method)}", name=name)
    return record, type(record).State.Name(record.state)


def test_every_transition_of_the_api_is_tried_here(api):
    methods = {
        name
        for name in api._methods
        # A rollback, a looser marking and an erasure take a reason too, but they change no state; compiling is an operation.
        if not name.startswith(("Rollback", "DowngradeMarking", "ErasePerson", "CompileOutcomeReport"))
        and "reason" in {field.name for field in api.request(name).DESCRIPTOR.fields}
    }
    assert methods == {step[0] for step in STEPS}


@pytest.mark.parametrize(("method", "name", "before", "after", "fields"), STEPS)
def test_a_transition(made, method, name, before, after, fields):
    registry = made(name, before)
    record, state = state_of(registry, name, method)
    assert state == before

    # A rehearsal shows the record as it would be, and changes nothing.
    preview = registry.ask(method, name=name, validate_only=True, **fields)
    assert (type(preview).State.Name(preview.state), preview.etag) == (after, "")
    assert state_of(registry, name, method)[0] == record

    stale = registry.refusal(method, name=name, etag='"0000000000000000"', **fields)
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    assert stale.metadata["actual"] == record.etag
    missing = registry.refusal(method, name=name.replace("made", "missing"), **fields)
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")

    request = {"name": name, "etag": record.etag, "request_id": str(uuid.uuid4()), **fields}
    moved, headers = registry.ask_with_headers(method, **request)
    assert type(moved).State.Name(moved.state) == after
    assert moved.etag != record.etag and moved.uid == record.uid
    assert headers["plenary-revision"] == moved.revision and "plenary-replayed" not in headers
    assert registry.ask(f"Get{kind_of(method)}", name=name) == moved

    # The same call again is answered as before, although its etag is stale by now and the way is gone.
    again, headers = registry.ask_with_headers(method, **request)
    assert again == moved and headers["plenary-replayed"] == "true"
    reused = registry.refusal(method, **{**request, "reason": "another"})
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")

    refusal = registry.refusal(method, name=name, **fields)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert (refusal.metadata["from"], refusal.metadata["to"]) == (after, after)
    allowed = refusal.metadata["allowed"].split(",") if refusal.metadata["allowed"] else []
    assert after not in allowed and set(allowed) <= set(STATES[kind_of(method)])
    assert refusal.obstacles == [name]
    assert refusal.resource == (f"plenary.registry/{kind_of(method)}", name)


def test_what_a_transition_needs_is_named(made, api):
    registry = made()
    registry.DeclinePartnership(name=PARTNERSHIP)
    missing = registry.refusal("ScheduleDialogue", name=DIALOGUE)
    assert (missing.code, missing.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ORGANIZER_MISSING")
    registry.UpdateDialogue(dialogue=api.Dialogue(name=DIALOGUE), update_mask={"paths": ["location", "ordinal"]})
    refusal = registry.refusal("ScheduleDialogue", name=DIALOGUE)
    assert refusal.reason == "ILLEGAL_TRANSITION"
    assert refusal.metadata["unmet"] == "ordinal,location"
    assert refusal.metadata["allowed"] == "SCHEDULED,CANCELLED"
    early = registry.refusal("ConcludeDialogue", name=DIALOGUE, record=True, as_of=Date(year=2018, month=1, day=24))
    assert early.metadata["unmet"] == "end_date"
    wrong = registry.refusal("ConcludeDialogue", name=DIALOGUE, record=True, time_zone="Asia/Atlantis")
    assert (wrong.code, wrong.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"time_zone": "CODE_UNKNOWN"})
    late = registry.refusal("DeprecateTheme", name=THEME)
    assert late.metadata["unmet"] == "replaced_by"


def test_a_partnership_that_begins_later_is_not_in_effect(made, api):
    registry = made()
    participant = api.Partnership.Participant(
        organization="organizations/made", role="ORGANIZER", start_date=Date(year=2018, month=2, day=1)
    )
    registry.UpdatePartnership(partnership=api.Partnership(name=PARTNERSHIP, participants=[participant]))
    early = {"name": PARTNERSHIP, "as_of": Date(year=2018, month=1, day=31)}
    refusal = registry.refusal("ActivatePartnership", **early)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PARTNERSHIP_DATES")
    assert refusal.obstacles == [PARTNERSHIP]
    registry.ActivatePartnership(name=PARTNERSHIP, as_of=Date(year=2018, month=2, day=1))
    participant.end_date.CopyFrom(Date(year=2017))
    wrong = registry.refusal(
        "UpdatePartnership", partnership=api.Partnership(name=PARTNERSHIP, participants=[participant])
    )
    assert (wrong.code, wrong.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "PARTNERSHIP_DATES")
