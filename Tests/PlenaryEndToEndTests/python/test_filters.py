"""The filter language of AIP-160 and its explanations, by grpcio, on the example."""

import grpc
import pytest

THIRD = "dialogues/asia-ict-ct-3"
DIALOGUES = [f"dialogues/asia-ict-ct-{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ('overlaps("2018-01-25","2018-02-01")', [2]),
        ("overlaps(2018-01-26, 2018-11-06)", []),
        ("overlaps(2018, 2018)", [2, 3]),
        ("overlaps(2017-05-30, 2018-01-24)", [1, 2]),
        ('location.region_code="kr"', [1]),
        ("location.region_code:(kr OR th)", [1, 2]),
        ('within_m49("142")', [1, 2, 3]),
        ('within_m49("035")', [2, 3]),
        ('within_m49("030")', [1]),
        ('within_m49("150")', []),
        ("location.locality=*Island", [1]),
        ('location.locality:"K*"', [3]),
        ("start_date < 2018 OR end_date >= 2018-11", [1, 3]),
        ("NOT start_date < 2018", [2, 3]),
        ("-location.region_code:KR ordinal>1", [2, 3]),
        ("format=WORKSHOP AND ordinal=1 OR ordinal=3", [1, 3]),
        ("topics:*", [3]),
        ("title.values.en:*", [3]),
        ("title.values.fr:*", []),
        ("under(themes/public-private-partnerships-self-regulation)", [3]),
        ("Bangkok", [2]),
        ("bangkok OR jeju", [1, 2]),
    ],
)
def test_the_dialogues_of_a_filter_are_found(example, filter, expected):
    found = example.names("ListDialogues", filter=f'series="series/asia-ict-ct-dialogue" ({filter})')
    assert found == [DIALOGUES[number - 1] for number in expected]


def test_the_uses_of_the_internet_lie_under_one(example):
    assert len(example.names("ListThemes", filter="under(themes/use-facilitate)")) == 4
    refusal = example.refusal("ListThemes", filter="under(themes/nowhere)")
    assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"filter": "REFERENCE_NOT_FOUND"})


@pytest.mark.parametrize("symbol", ["S/RES/2129(2013)", "s/res/2129 (2013)", "S/RES/2129 (*)"])
def test_a_symbol_is_found_in_any_spelling(example, symbol):
    assert example.names("ListMandates", filter=f'symbol="{symbol}"') == ["mandates/s-res-2129-2013"]


@pytest.mark.parametrize(
    ("role", "organization"), [("CO_ORGANIZER", "organizations/cted"), ("COOPERATING", "organizations/searcct")]
)
def test_partnerships_are_found_by_what_their_participants_are(example, role, organization):
    (found,) = example.records("ListPartnerships", filter=f'subject="{THIRD}" AND participants.role:{role}')
    assert organization in [participant.organization for participant in found.participants]


@pytest.mark.parametrize(
    ("filter", "reason", "position", "suggestion"),
    [
        ("format=WORKSHOP AND ordnal=1", "FILTER_FIELD_UNKNOWN", "20", "ordinal"),
        ("(format=WORKSHOP", "FILTER_SYNTAX", "0", None),
        ("format=", "FILTER_SYNTAX", "7", None),
        ("format=WORKSHOPS", "FILTER_SYNTAX", "7", "WORKSHOP"),
        ("overlap(2017, 2018)", "FILTER_SYNTAX", "0", "overlaps"),
        ('marking.label="TLP:WHITE"', "TLP_LABEL_INVALID", "14", "TLP:CLEAR"),
        ("(" * 17 + "a" + ")" * 17, "FILTER_SYNTAX", "16", None),
    ],
)
def test_what_is_wrong_is_told_with_its_place(example, filter, reason, position, suggestion):
    for method, fields in [("ListDialogues", {}), ("ExplainFilter", {"resource_type": "plenary.registry/Dialogue"})]:
        refusal = example.refusal(method, filter=filter, **fields)
        assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"filter": reason})
        assert refusal.metadata["position"] == position
        assert refusal.metadata.get("suggestion") == suggestion


def test_an_explanation_tells_what_is_a_scan(example, api):
    kind = {"resource_type": "plenary.registry/Dialogue"}
    plan = example.ExplainFilter(filter='location.region_code:(kr OR th) "Jeju"', order_by="start_date desc", **kind)
    assert plan.filter == '(location.region_code:kr OR location.region_code:th) AND "Jeju"'
    assert [list(step.index_fields) for step in plan.steps] == [["location.region_code"], []]
    assert [step.exact for step in plan.steps] == [True, False]
    assert not plan.scan and plan.order == api.ExplainFilterResponse.INDEX
    scan = example.ExplainFilter(filter="NOT topics:*", order_by="location.venue,name", **kind)
    assert scan.scan and scan.order == api.ExplainFilterResponse.SORTING
    group = example.ExplainFilter(resource_type="plenary.registry/WorkingGroup", filter="ordinal=1", parent=THIRD)
    assert group.order == api.ExplainFilterResponse.NAME
    refusal = example.refusal("ExplainFilter", resource_type="plenary.registry/Dialog")
    assert refusal.fields == {"resource_type": "RESOURCE_TYPE_UNKNOWN"}


def test_pages_of_every_filter_are_full(filled, api):
    ids = [f"place-{number:03}" for number in range(120)]
    for number, dialogue_id in enumerate(ids):
        place = api.Dialogue.Location(locality="Seoul" if number % 3 else "Busan", region_code="KR" if number % 2 else "TH")
        filled.CreateDialogue(dialogue_id=dialogue_id, dialogue=api.Dialogue(location=place))
    wanted = [f"dialogues/{dialogue_id}" for number, dialogue_id in enumerate(ids) if number % 3]
    for filter in ["location.locality=Seoul", "location.locality=*eou*", "seoul", "location.region_code:(KR OR TH) seoul"]:
        for order_by in ["", "name desc", "location.locality", "location.venue,name"]:
            pages = list(filled.pages("ListDialogues", filter=filter, order_by=order_by, page_size=9))
            assert {len(page) for page in pages[:-1]} == {9}
            assert sorted(record.name for page in pages for record in page) == wanted
