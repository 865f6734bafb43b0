"""Panels, findings, consultations, recommendations, follow-ups, sharing groups and clients, by grpcio."""

import re
import uuid

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

DIALOGUE = "dialogues/asia-ict-ct-3"
PANEL = f"{DIALOGUE}/panels/p1"
FINDING = f"{DIALOGUE}/findings/f1"
RECOMMENDATION = "recommendations/r1"
FOLLOW_UPS = f"{RECOMMENDATION}/followUps"


@pytest.fixture
def advised(filled, api):
    """A registry with the example and a record of each of the kinds."""
    text = api.text
    filled.CreatePanel(parent=DIALOGUE, panel_id="p1", panel=api.Panel(ordinal=1, title=text("Panel")))
    finding = api.Finding(origin=PANEL, kind="CHALLENGE", text=text("Evidence is gone too soon"), ordinal=1)
    filled.CreateFinding(parent=DIALOGUE, finding_id="f1", finding=finding)
    recommendation = api.Recommendation(text=text("Keep it longer"), findings=[FINDING], addressee="organizations/ctc")
    filled.CreateRecommendation(recommendation_id="r1", recommendation=recommendation)
    (directive,) = filled.names("ListDirectives", parent="mandates/-", filter="stakeholder_groups:PRIVATE_SECTOR")
    consultation = api.Consultation(directive=directive, stakeholder_group="PRIVATE_SECTOR", dialogue=DIALOGUE)
    filled.CreateConsultation(consultation_id="c1", consultation=consultation)
    group = api.SharingGroup(title="Hosts", organizations=["organizations/cted"])
    filled.CreateSharingGroup(sharing_group_id="g1", sharing_group=group)
    filled.CreateClient(client_id="c1", client=api.Client(organization="organizations/cted", max_label="AMBER"))
    return filled


# The kind, a record of it, its parent, and a field of it with another value.
KINDS = [
    ("Panel", PANEL, DIALOGUE, {"ordinal": 2}),
    ("Finding", FINDING, DIALOGUE, {"ordinal": 2}),
    ("Consultation", "consultations/c1", "", {"stakeholder_group": "CIVIL_SOCIETY"}),
    ("Recommendation", RECOMMENDATION, "", {"priority": "HIGH"}),
    ("SharingGroup", "sharingGroups/g1", "", {"title": "Others"}),
    ("Client", "clients/c1", "", {"max_label": "GREEN"}),
]


def snake(kind):
    return re.sub("(?<!^)(?=[A-Z])", "_", kind).lower()


@pytest.mark.parametrize(("kind", "name", "parent", "change"), KINDS, ids=[kind for kind, *_ in KINDS])
def test_a_record_is_read_listed_changed_and_deleted(advised, api, kind, name, parent, change):
    if kind in ("Panel", "Finding"):
        advised.DeleteRecommendation(name=RECOMMENDATION)
    if kind == "Panel":
        advised.DeleteFinding(name=FINDING)
    made = advised.ask(f"Get{kind}", name=name)
    assert uuid.UUID(made.uid).version == 4 and made.etag and made.creator
    scope = {"parent": parent} if parent else {}
    assert advised.records(f"List{kind}s", **scope) == [made]
    assert advised.names(f"List{kind}s", **scope, order_by="name desc") == [name]

    (field,) = change
    wanted = getattr(api, kind)(name=name, etag=made.etag, **change)
    arguments = {snake(kind): wanted, "update_mask": FieldMask(paths=[field])}
    changed = advised.ask(f"Update{kind}", **arguments)
    assert getattr(changed, field) == getattr(wanted, field) and changed.etag != made.etag
    stale = advised.refusal(f"Update{kind}", **arguments)
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    deleted = advised.ask(f"Delete{kind}", name=name, etag=changed.etag)
    assert deleted.HasField("delete_time") and deleted.HasField("purge_time")
    assert advised.ask(f"Get{kind}", name=name) == deleted
    assert advised.names(f"List{kind}s", **scope) == []
    taken = {snake(kind): getattr(api, kind)(), f"{snake(kind)}_id": name.split("/")[-1]}
    assert advised.refusal(f"Create{kind}", **scope, **taken).reason == "RESOURCE_EXISTS"


def test_follow_ups_are_only_ever_added(advised, api):
    note = api.FollowUp(note=api.text("A draft is out"), progress_percent=30)
    request_id = str(uuid.uuid4())
    first = advised.CreateFollowUp(parent=RECOMMENDATION, follow_up=note, request_id=request_id)
    assert re.fullmatch(f"{FOLLOW_UPS}/x-[0-9a-f]+", first.name) and first.author == first.creator
    again, headers = advised.ask_with_headers(
        "CreateFollowUp", parent=RECOMMENDATION, follow_up=note, request_id=request_id
    )
    assert again == first and headers["plenary-replayed"] == "true"
    second = advised.CreateFollowUp(parent=RECOMMENDATION, follow_up=note)
    assert set(advised.names("ListFollowUps", parent=RECOMMENDATION)) == {first.name, second.name}
    changed = advised.refusal("UpdateFollowUp", follow_up=api.FollowUp(name=first.name, note=api.text("None is out")))
    assert changed.fields == {"note": "FIELD_IMMUTABLE"}
    gone = advised.refusal("DeleteFollowUp", name=first.name)
    assert (gone.code, gone.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "CONTENT_FROZEN")
    parent = advised.refusal("DeleteRecommendation", name=RECOMMENDATION)
    assert parent.reason == "HAS_CHILDREN" and set(parent.obstacles) == {first.name, second.name}


def test_advice_is_submitted_once_and_then_stays(advised, api):
    """Row 25."""
    submitted = advised.SubmitRecommendation(name=RECOMMENDATION, reason="Agreed upon")
    assert submitted.state == api.Recommendation.SUBMITTED
    again = advised.refusal("SubmitRecommendation", name=RECOMMENDATION)
    assert (again.code, again.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "ILLEGAL_TRANSITION")
    assert (again.metadata["from"], again.metadata["to"]) == ("SUBMITTED", "SUBMITTED")
    assert again.metadata["allowed"] == "ACCEPTED,PARTIALLY_ACCEPTED,REJECTED,WITHDRAWN,SUPERSEDED"
    text = api.Recommendation(name=RECOMMENDATION, text=api.text("Keep it for ever"))
    frozen = advised.refusal("UpdateRecommendation", recommendation=text)
    assert (frozen.code, frozen.fields) == (grpc.StatusCode.FAILED_PRECONDITION, {"text": "CONTENT_FROZEN"})
    refused = advised.refusal("DeleteDialogue", name=DIALOGUE, force=True)
    assert (refused.reason, list(refused.obstacles)) == ("RESOURCE_IN_USE", [RECOMMENDATION])
    accepted = advised.AcceptPartiallyRecommendation(name=RECOMMENDATION, response=api.text("For a year"))
    assert accepted.state == api.Recommendation.PARTIALLY_ACCEPTED
    assert accepted.response.values["en"] == "For a year"
    assert advised.BeginRecommendation(name=RECOMMENDATION).state == api.Recommendation.IMPLEMENTING
    assert advised.CompleteRecommendation(name=RECOMMENDATION).state == api.Recommendation.IMPLEMENTED


def test_the_states_of_panels_and_consultations(advised, api):
    assert advised.ReportPanel(name=PANEL).state == api.Panel.REPORTED
    assert advised.ReopenPanel(name=PANEL).state == api.Panel.OPEN
    assert advised.CloseConsultation(name="consultations/c1").state == api.Consultation.CLOSED
    again = advised.refusal("CloseConsultation", name="consultations/c1")
    assert (again.reason, again.metadata["allowed"]) == ("ILLEGAL_TRANSITION", "")


def test_a_consultation_is_of_a_group_of_its_directive(advised, api):
    """Row 24, as far as records go."""
    consultation = advised.GetConsultation(name="consultations/c1")
    directive = advised.GetDirective(name=consultation.directive)
    assert consultation.stakeholder_group in directive.stakeholder_groups
    assert len(directive.stakeholder_groups) == 6
    filter = f'directive="{consultation.directive}" AND stakeholder_group=PRIVATE_SECTOR'
    assert advised.names("ListConsultations", filter=filter) == [consultation.name]


def test_under_the_chatham_house_rule_nobody_is_named(registry, api):
    """Row 27."""
    registry.CreatePerson(person_id="chen", person=api.Person(family_name="Chen"))
    registry.CreateDialogue(dialogue_id="d1", dialogue=api.Dialogue(attribution_rule="CHATHAM_HOUSE"))
    spoken = {"parent": "dialogues/d1", "intervention_id": "i1"}
    refusal = registry.refusal(
        "CreateIntervention", **spoken, intervention=api.Intervention(kind="ADDRESS", speaker="persons/chen")
    )
    assert (refusal.code, refusal.fields) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        {"speaker": "ATTRIBUTION_FORBIDDEN"},
    )
    assert refusal.metadata["dialogue"] == "dialogues/d1"
    registry.CreateIntervention(**spoken, intervention=api.Intervention(kind="ADDRESS"))
    registry.UpdateDialogue(dialogue=api.Dialogue(name="dialogues/d1", attribution_rule="ATTRIBUTABLE"))
    registry.UpdateIntervention(
        intervention=api.Intervention(name="dialogues/d1/interventions/i1", speaker="persons/chen")
    )
    tightened = registry.refusal(
        "UpdateDialogue", dialogue=api.Dialogue(name="dialogues/d1", attribution_rule="CHATHAM_HOUSE")
    )
    assert (tightened.code, tightened.fields) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        {"attribution_rule": "ATTRIBUTION_PRESENT"},
    )


def test_experiences_and_challenges_are_findings(advised, api):
    """Row 31."""
    experience = api.Finding(origin=f"{DIALOGUE}/workingGroups/wg-1", kind="EXPERIENCE", text=api.text("It worked"))
    made = advised.CreateFinding(parent=DIALOGUE, finding_id="f2", finding=experience)
    for kind, name in [("EXPERIENCE", made.name), ("CHALLENGE", FINDING)]:
        assert advised.names("ListFindings", parent="dialogues/-", filter=f"kind={kind}") == [name]
    assert advised.ReportWorkingGroup(name=experience.origin).state == api.WorkingGroup.REPORTED


def test_what_is_shared_with_a_group_keeps_it(advised, api):
    advised.CreateTheme(theme_id="shared", theme=api.theme())
    marked = api.Theme(name="themes/shared")
    marked.marking.label = api.Marking.AMBER
    refusal = advised.refusal("UpdateTheme", theme=marked, update_mask=FieldMask(paths=["marking"]))
    assert refusal.fields == {"marking.organizations": "RECIPIENTS_MISSING"}
    marked.marking.sharing_groups.append("sharingGroups/g1")
    advised.UpdateTheme(theme=marked, update_mask=FieldMask(paths=["marking"]))
    refusal = advised.refusal("DeleteSharingGroup", name="sharingGroups/g1", force=True)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "RESOURCE_IN_USE")
    assert list(refusal.obstacles) == ["themes/shared"]
    cycle = advised.refusal(
        "UpdateSharingGroup", sharing_group=api.SharingGroup(name="sharingGroups/g1", groups=["sharingGroups/g1"])
    )
    assert cycle.fields == {"groups.0": "SHARING_GROUP_CYCLE"}


def test_clients_are_not_exported_and_the_rest_comes_back(advised, start):
    exported = advised.export()
    assert len(exported) == 41 + 5
    assert not any(record.HasField("client") for record in exported)
    other, _ = start()
    assert other.import_records(exported).summary.applied
    assert other.export() == exported
