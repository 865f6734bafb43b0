"""Records that files describe, applied by a foreign client: the plan, the prune and what is refused."""

import uuid
from collections import Counter

import grpc

OWNER = {"managed-by": "asia-team"}
SCOPE = 'annotations.managed-by="asia-team"'


def actions(response):
    """What became of each record, by name."""
    plan = type(response).PlanItem
    return {item.name: plan.Action.Name(item.action) for item in response.items}


def themes(api, *ids, **fields):
    return [api.Record(theme=api.theme(f"Theme {id}", name=f"themes/{id}", annotations=OWNER, **fields)) for id in ids]


def prune(api, *kinds, filter=SCOPE, **more):
    types = [f"plenary.registry/{kind}" for kind in kinds]
    return api.ApplyResourcesRequest.Prune(resource_types=types, filter=filter, **more)


def test_the_example_is_applied_once_and_then_unchanged(registry, api):
    records = list(reversed(api.example()))
    plan = registry.ApplyResources(records=records, validate_only=True)
    assert Counter(actions(plan).values()) == {"CREATE": 41} and not plan.applied
    assert registry.export() == []
    made = registry.ApplyResources(records=records)
    assert made.applied and [item.name for item in made.items] == [item.name for item in plan.items]
    again = registry.ApplyResources(records=records)
    assert Counter(actions(again).values()) == {"UNCHANGED": 41} and again.revision == made.revision
    # States change by methods alone.
    assert registry.GetDialogue(name="dialogues/asia-ict-ct-3").state == api.Dialogue.DRAFT


def test_a_change_names_its_fields_and_keeps_the_state(filled, api):
    dialogue = filled.GetDialogue(name="dialogues/asia-ict-ct-3")
    state, etag = dialogue.state, dialogue.etag
    dialogue.title.values["fr"] = "Troisième dialogue"
    dialogue.state = api.Dialogue.CANCELLED
    applied = filled.ApplyResources(records=[api.Record(dialogue=dialogue)])
    item = applied.items[0]
    assert actions(applied) == {dialogue.name: "UPDATE"} and list(item.changed_fields.paths) == ["title.values.fr"]
    stored = filled.GetDialogue(name=dialogue.name)
    assert stored.state == state and stored.etag == item.etag != etag and stored.revision == item.revision
    stale = filled.refusal("ApplyResources", records=[api.Record(dialogue=dialogue)])
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
    assert (stale.metadata["index"], stale.metadata["name"]) == ("0", dialogue.name)


def test_what_is_left_out_is_pruned_and_comes_back_when_it_is_described_again(registry, api):
    registry.CreateTheme(theme_id="foreign", theme=api.theme("Foreign"))
    registry.ApplyResources(records=themes(api, "a", "b", "c"))
    scope = prune(api, "Theme", max_deletions=1)
    refusal = registry.refusal("ApplyResources", records=themes(api, "a"), prune=scope)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "PRUNE_LIMIT_EXCEEDED")
    assert refusal.metadata["max"] == "1" and refusal.metadata["min_count"] == "2"
    request_id = str(uuid.uuid4())
    pruned = registry.ApplyResources(records=themes(api, "a", "b"), prune=scope, request_id=request_id)
    expected = {"themes/a": "UNCHANGED", "themes/b": "UNCHANGED", "themes/c": "DELETE"}
    assert actions(pruned) == expected
    assert [theme.name for theme in registry.ListThemes().themes] == ["themes/a", "themes/b", "themes/foreign"]
    back = registry.ApplyResources(records=themes(api, "c", notation="3"))
    assert actions(back) == {"themes/c": "UNDELETE"} and list(back.items[0].changed_fields.paths) == ["notation"]
    # A repetition answers what the call did then, and does nothing.
    repeated, headers = registry.ask_with_headers(
        "ApplyResources", records=themes(api, "a", "b"), prune=scope, request_id=request_id
    )
    assert repeated == pruned and headers["plenary-replayed"] == "true"
    assert headers["plenary-revision"] == pruned.revision
    assert not registry.GetTheme(name="themes/c").HasField("delete_time")


def test_one_record_that_is_refused_keeps_all_others_out_and_is_named(registry, api):
    registry.CreateMandate(mandate_id="m", mandate=mandate(registry, api))
    taken = api.Record(mandate=api.Mandate(name="mandates/other", **MANDATE))
    bad = [
        (taken, grpc.StatusCode.ALREADY_EXISTS, "SYMBOL_TAKEN", "records.1.symbol"),
        (
            api.Record(theme=api.theme(name="themes/x", broader=["themes/none"])),
            grpc.StatusCode.INVALID_ARGUMENT,
            "REFERENCE_NOT_FOUND",
            "records.1.broader.0",
        ),
        (api.Record(), grpc.StatusCode.INVALID_ARGUMENT, "APPLY_RECORD_INVALID", "records.1"),
    ]
    for record, code, reason, field in bad:
        refusal = registry.refusal("ApplyResources", records=[*themes(api, "a"), record])
        assert (refusal.code, refusal.reason, list(refusal.fields)) == (code, reason, [field])
        assert refusal.metadata["index"] == "1"
    assert not registry.ListThemes().themes


MANDATE = {"symbol": "S/RES/2129 (2013)", "adopting_organization": "organizations/o"}


def mandate(registry, api):
    organization = api.Organization(title=api.text("Council"), kind=api.Organization.UN_PRINCIPAL_ORGAN)
    registry.CreateOrganization(organization_id="o", organization=organization)
    return api.Mandate(**MANDATE)
