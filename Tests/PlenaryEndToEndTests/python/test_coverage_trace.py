"""Who was consulted, and the chain from a mandate to what became of a recommendation, by grpcio."""

import grpc

DIRECTIVE = "mandates/s-res-2129-2013/directives/address-ict"
ADVISE = "mandates/s-res-2129-2013/directives/advise-committee"
DIALOGUE = "dialogues/asia-ict-ct-3"
GROUPS = [
    "MEMBER_STATES",
    "INTERNATIONAL_ORGANIZATIONS",
    "REGIONAL_ORGANIZATIONS",
    "SUBREGIONAL_ORGANIZATIONS",
    "PRIVATE_SECTOR",
    "CIVIL_SOCIETY",
]


def words(api, numbers):
    return [api.Directive.StakeholderGroup.Name(number) for number in numbers]


def test_six_groups_are_gaps_until_a_consultation_fills_one(filled, api):
    before = filled.ask("GetConsultationCoverage", directive=DIRECTIVE)
    assert words(api, before.gaps) == GROUPS
    assert [column.dialogue for column in before.columns] == [f"dialogues/asia-ict-ct-{number}" for number in (1, 2, 3)]
    assert [len(row.cells) for row in before.rows] == [3] * 6
    consultation = api.Consultation(
        directive=DIRECTIVE,
        stakeholder_group="CIVIL_SOCIETY",
        dialogue=DIALOGUE,
        organizations=["organizations/searcct"],
    )
    filled.CreateConsultation(consultation_id="c1", consultation=consultation)
    after = filled.ask("GetConsultationCoverage", directive=DIRECTIVE, series="series/asia-ict-ct-dialogue")
    assert words(api, after.gaps) == GROUPS[:5]
    cell = after.rows[5].cells[2]
    assert (cell.organization_count, list(cell.organizations)) == (1, ["organizations/searcct"])
    assert list(cell.consultations) == ["consultations/c1"]


def test_nobody_is_named_under_the_chatham_house_rule(filled, api):
    filled.CreateDialogue(
        dialogue_id="quiet",
        dialogue=api.Dialogue(mandates=["mandates/s-res-2129-2013"], attribution_rule="CHATHAM_HOUSE"),
    )
    for number, organizations in enumerate((["ctc", "cted"], ["searcct"])):
        filled.CreateConsultation(
            consultation_id=f"c{number}",
            consultation=api.Consultation(
                directive=DIRECTIVE,
                stakeholder_group="MEMBER_STATES",
                dialogue="dialogues/quiet",
                organizations=[f"organizations/{organization}" for organization in organizations],
            ),
        )
        answer = filled.ask("GetConsultationCoverage", directive=DIRECTIVE)
        (place,) = [index for index, column in enumerate(answer.columns) if column.dialogue == "dialogues/quiet"]
        assert answer.columns[place].attribution_withheld
        cell = answer.rows[0].cells[place]
        assert not cell.organizations
        if number == 0:
            assert cell.organization_count_limit == 3 and not cell.HasField("organization_count")
        else:
            assert cell.organization_count == 3 and cell.organization_count_limit == 0


def test_a_recommendation_is_traced_back_and_forth(filled, api):
    filled.CreatePanel(parent=DIALOGUE, panel_id="p1", panel=api.Panel(ordinal=1, title=api.text("Panel")))
    finding = api.Finding(origin=f"{DIALOGUE}/panels/p1", kind="CHALLENGE", text=api.text("Gone too soon"), ordinal=1)
    filled.CreateFinding(parent=DIALOGUE, finding_id="f1", finding=finding)
    advice = api.Recommendation(
        text=api.text("Keep it"), findings=[f"{DIALOGUE}/findings/f1"], addressee="organizations/ctc", directive=ADVISE
    )
    filled.CreateRecommendation(recommendation_id="r1", recommendation=advice)
    filled.ask("SubmitRecommendation", name="recommendations/r1")
    trace = filled.ask("TraceResource", name="recommendations/r1")
    steps = [(api.ResourceTrace.Step.Name(node.step), node.name) for node in trace.nodes]
    assert ("MANDATE", "mandates/s-res-2129-2013") in steps
    assert [name for step, name in steps if step == "DIALOGUE"] == [DIALOGUE]
    assert [name for step, name in steps if step == "GROUP_OR_PANEL"] == [f"{DIALOGUE}/panels/p1"]
    (gap,) = trace.gaps
    assert (gap.name, api.ResourceTrace.Step.Name(gap.missing), gap.before) == ("recommendations/r1", "FOLLOW_UP", False)
    note = api.FollowUp(note=api.text("Begun"), progress_percent=10)
    filled.CreateFollowUp(parent="recommendations/r1", follow_up=note)
    whole = filled.ask("TraceResource", name=f"{DIALOGUE}/findings/f1")
    assert not whole.gaps and not whole.truncated
    assert [node.name for node in whole.nodes if node.step == api.ResourceTrace.FOLLOW_UP]
    cut = filled.ask("TraceResource", name=f"{DIALOGUE}/findings/f1", page_size=2)
    assert cut.truncated and len(cut.nodes) == 2


def test_what_cannot_be_answered_is_refused_with_its_reason(filled):
    missing = filled.refusal("GetConsultationCoverage", directive="mandates/none/directives/none")
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert filled.refusal("TraceResource", name="organizations/ctc").reason == "RESOURCE_TYPE_UNKNOWN"
    assert filled.refusal("TraceResource", name="recommendations/none").reason == "RESOURCE_NOT_FOUND"
    assert filled.refusal("TraceResource", name="dialogues/x", page_size=-1).reason == "PAGE_SIZE_INVALID"
