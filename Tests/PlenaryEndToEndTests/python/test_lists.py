"""Pages, filters and orders of lists, by grpcio."""

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

SERIES = 'series="series/asia-ict-ct-dialogue"'


def names_of_pages(client, method, **fields):
    """The names on all pages of a list, page by page."""
    return [[record.name for record in page] for page in client.pages(method, **fields)]


@pytest.mark.parametrize("order_by", ["", "name desc", "scheme,notation desc"])
def test_all_pages_together_are_the_list(example, order_by):
    whole = example.names("ListThemes", page_size=1000, order_by=order_by)
    assert len(whole) == len(set(whole)) == 15
    for size in [1, 4, 15, 16]:
        pages = names_of_pages(example, "ListThemes", page_size=size, order_by=order_by)
        assert sum(pages, []) == whole
        assert {len(page) for page in pages[:-1]} <= {size}


def test_all_pages_show_the_registry_at_one_revision(filled, api):
    pages = filled.pages("ListThemes", page_size=5)
    names = [theme.name for theme in next(pages)]
    filled.CreateTheme(theme_id="zz-late", theme=api.theme())
    filled.DeleteTheme(name="themes/use-ftf-recruitment")
    names += [theme.name for page in pages for theme in page]
    assert len(names) == 15 and "themes/zz-late" not in names
    assert "themes/use-ftf-recruitment" in names
    later = filled.names("ListThemes")
    assert "themes/zz-late" in later and "themes/use-ftf-recruitment" not in later


def test_a_page_token_is_good_for_its_query_alone(example):
    query = {"filter": 'scheme="ict-terrorist-uses"', "order_by": "name", "page_size": 2}
    token = example.ListThemes(**query).next_page_token
    # The size of the page alone may change.
    assert example.names("ListThemes", **query | {"page_size": 3, "page_token": token})
    swapped = ("A" if token[10] != "A" else "B").join([token[:10], token[11:]])
    others = [
        query | {"filter": ""},
        query | {"order_by": "name desc"},
        query | {"show_deleted": True},
        query | {"read_mask": FieldMask(paths=["name"])},
        query | {"page_token": swapped},
        query | {"page_token": token + "A"},
        query | {"page_token": token[:-1]},
        query | {"page_token": "garbled"},
        query | {"page_token": "ü"},
    ]
    for other in others:
        refusal = example.refusal("ListThemes", **{"page_token": token} | other)
        assert (refusal.code, refusal.fields) == (
            grpc.StatusCode.INVALID_ARGUMENT,
            {"page_token": "PAGE_TOKEN_INVALID"},
        ), other
    refusal = example.refusal("ListOrganizations", page_token=token)
    assert refusal.fields == {"page_token": "PAGE_TOKEN_INVALID"}


def test_a_page_token_of_another_daemon_is_refused(example, filled):
    token = example.ListThemes(page_size=2).next_page_token
    assert filled.refusal("ListThemes", page_size=2, page_token=token).reason == "PAGE_TOKEN_INVALID"


def test_a_page_has_at_most_a_thousand_records_and_fifty_unless_asked(registry, api):
    themes = (api.Record(theme=api.theme(f"Theme {n}", name=f"themes/t{n}")) for n in range(1001))
    assert registry.import_records(themes).summary.created_count == 1001
    page = registry.ListThemes(page_size=5000)
    assert len(page.themes) == 1000
    assert len(registry.ListThemes(page_size=5000, page_token=page.next_page_token).themes) == 1
    assert len(registry.ListThemes().themes) == 50
    refusal = registry.refusal("ListThemes", page_size=-1)
    assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"page_size": "PAGE_SIZE_INVALID"})


def test_a_page_of_large_records_stays_below_what_stock_clients_accept(registry, api):
    # Each record has about 400 KB, and a page of them would have 8 MB.
    text = api.LocalizedText(values={f"en-x-{n}": "x" * 20_000 for n in range(20)})
    for number in range(20):
        registry.CreateTheme(theme_id=f"t{number}", theme=api.theme(f"Theme {number}", definition=text))
    pages = names_of_pages(registry, "ListThemes")
    assert sum(map(len, pages)) == 20
    assert max(map(len, pages)) == 7
    assert registry.ListThemes().ByteSize() <= 3 << 20
    assert len(registry.export()) == 20


@pytest.mark.parametrize(
    ("method", "filter", "count"),
    [
        ("ListDialogues", "", 3),
        ("ListDialogues", SERIES, 3),
        ("ListDialogues", 'series = "series/another"', 0),
        ("ListDialogues", "format=WORKSHOP AND ordinal>1", 2),
        ("ListDialogues", "format=WORKSHOP ordinal>1", 2),
        ("ListDialogues", "ordinal != 2", 2),
        ("ListDialogues", "start_date >= 2018", 2),
        ("ListDialogues", "start_date = 2017", 0),
        ("ListDialogues", "start_date <= 2018-01", 2),
        ("ListDialogues", "end_date < 2018-11-08", 2),
        ("ListDialogues", 'location.region_code="th"', 1),
        ("ListDialogues", 'location.locality="Kuala Lumpur"', 1),
        ("ListDialogues", 'predecessors:"dialogues/asia-ict-ct-1"', 1),
        ("ListDialogues", 'themes:"themes/public-private-partnerships-self-regulation"', 1),
        ("ListDialogues", "title:*", 1),
        ("ListDialogues", "state=CONCLUDED", 3),
        ("ListDialogues", "state=DRAFT", 0),
        ("ListThemes", 'pref_label.values.en="Funding"', 1),
        ("ListThemes", 'broader:"themes/use-facilitate"', 4),
        ("ListOrganizations", 'parent_organization="organizations/mfa-malaysia"', 1),
        ("ListOrganizations", "kind=GOVERNMENT_MINISTRY AND region_code=kr", 1),
        ("ListPartnerships", "participants.role:LAUNCHER", 1),
        ("ListPartnerships", 'participants.organization:"organizations/cted"', 2),
    ],
)
def test_a_filter_finds_what_it_says(example, method, filter, count):
    assert len(example.records(method, filter=filter)) == count


@pytest.mark.parametrize(
    ("filter", "reason", "metadata"),
    [
        ("ordinal=", "FILTER_SYNTAX", {"position": "8"}),
        ("ordinal=three", "FILTER_SYNTAX", {"position": "8", "value": "three"}),
        ("format=WORKSHOPP", "FILTER_SYNTAX", {"suggestion": "WORKSHOP"}),
        ('"unclosed', "FILTER_SYNTAX", {}),
        ("(ordinal=1", "FILTER_SYNTAX", {}),
        ("start_date>=20-17", "FILTER_SYNTAX", {"value": "20-17"}),
        ("themes=x", "FILTER_SYNTAX", {}),
        ("ordnal=1", "FILTER_FIELD_UNKNOWN", {"field": "ordnal", "suggestion": "ordinal"}),
        ("location.town=x", "FILTER_FIELD_UNKNOWN", {"field": "location.town"}),
        ("ordinal=1 AND " * 64 + "ordinal=1", "FILTER_SYNTAX", {}),
    ],
)
def test_an_error_in_a_filter_says_where_it_is(example, filter, reason, metadata):
    refusal = example.refusal("ListDialogues", filter=filter)
    assert (refusal.code, refusal.fields) == (grpc.StatusCode.INVALID_ARGUMENT, {"filter": reason})
    assert metadata.items() <= refusal.metadata.items(), refusal.metadata


def test_lists_are_ordered_by_several_fields_in_either_direction(example):
    def ordinals(order_by):
        return [dialogue.ordinal for dialogue in example.records("ListDialogues", order_by=order_by)]

    assert ordinals("start_date desc") == [3, 2, 1]
    assert ordinals("format,ordinal desc") == [3, 2, 1]
    assert ordinals("location.region_code") == [1, 3, 2]
    unknown = example.refusal("ListDialogues", order_by="start_dat")
    assert unknown.fields == {"order_by": "FILTER_FIELD_UNKNOWN"}
    assert unknown.metadata["suggestion"] == "start_date"


def test_a_list_below_one_parent_or_below_all(example):
    below_one = example.names("ListWorkingGroups", parent="dialogues/asia-ict-ct-3")
    assert below_one == example.names("ListWorkingGroups", parent="dialogues/-") and len(below_one) == 3
    assert example.names("ListWorkingGroups", parent="dialogues/asia-ict-ct-1") == []
    refusal = example.refusal("ListWorkingGroups")
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT and list(refusal.fields) == ["parent"]
