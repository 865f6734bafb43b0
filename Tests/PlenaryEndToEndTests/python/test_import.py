"""Imports that go wrong, meet what is there already, or never end."""

import uuid

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS, Requests, error_of, until
from plenary_testing.registry import Refusal, RegistryClient


def failures(outcome):
    """The reason and the fields of each record that failed, by its name."""
    failed = [result for result in outcome.results if result.HasField("error")]
    assert all(result.outcome == type(result).FAILED for result in failed)
    refusals = {result.name: Refusal.of_result(result) for result in failed}
    return {name: (refusal.reason, sorted(refusal.fields)) for name, refusal in refusals.items()}


def test_one_bad_record_and_nothing_changes_and_every_failure_is_listed(registry, api):
    bad = [
        api.Record(dialogue=api.Dialogue(name="dialogues/a", series="series/nowhere")),
        api.Record(organization=api.Organization(name="organizations/b", region_code="Malaysia")),
        api.Record(theme=api.theme(name="themes/c", broader=["persons/d"])),
        api.Record(theme=api.theme(name="themes/Capital")),
        api.Record(),
    ]
    records = [bad[0], *api.example(), *bad[1:]]
    outcome = registry.import_records(records)
    assert failures(outcome) == {
        "dialogues/a": ("REFERENCE_NOT_FOUND", ["series"]),
        "organizations/b": ("FIELD_REQUIRED", ["kind", "region_code", "title"]),
        "themes/c": ("REFERENCE_TYPE", ["broader.0"]),
        "themes/Capital": ("ID_INVALID", ["name"]),
        "": ("IMPORT_RECORD_INVALID", []),
    }
    assert not outcome.summary.applied and outcome.summary.revision == ""
    assert (outcome.summary.failed_count, outcome.summary.created_count) == (5, 41)
    assert [result.index for result in outcome.results] == list(range(46))
    assert registry.export() == []


def test_a_bad_record_among_changes_leaves_what_was_there(filled, api):
    before = filled.export()
    records = [
        api.Record(theme=api.theme("Changed", name="themes/use-incite")),
        api.Record(theme=api.Theme(name="themes/bad")),
    ]
    outcome = filled.import_records(records, conflict="REPLACE")
    assert not outcome.summary.applied and list(failures(outcome)) == ["themes/use-incite", "themes/bad"]
    assert filled.export() == before


def test_records_that_rule_each_other_out_fail_together(registry, api):
    twice = [api.Record(theme=api.theme(label, name="themes/same")) for label in ("One", "Other")]
    outcome = registry.import_records(twice)
    assert outcome.summary.failed_count >= 1 and not outcome.summary.applied
    assert registry.export() == []


@pytest.mark.parametrize(
    ("conflict", "outcome", "label"),
    [
        ("CONFLICT_UNSPECIFIED", "FAILED", "Before"),
        ("FAIL", "FAILED", "Before"),
        ("SKIP", "SKIPPED", "Before"),
        ("REPLACE", "UPDATED", "After"),
    ],
)
def test_a_name_that_is_taken(registry, api, conflict, outcome, label):
    registry.CreateTheme(theme_id="t", theme=api.theme("Before"))
    records = [
        api.Record(theme=api.theme("After", name="themes/t")),
        api.Record(theme=api.theme("New", name="themes/u")),
    ]
    found = registry.import_records(records, conflict=conflict)
    assert found.outcomes == {outcome: 1, "CREATED": 1}
    assert found.summary.applied is (outcome != "FAILED")
    if outcome == "FAILED":
        assert failures(found) == {"themes/t": ("RESOURCE_EXISTS", [])}
    assert registry.GetTheme(name="themes/t").pref_label.values["en"] == label
    assert len(registry.names("ListThemes")) == (1 if outcome == "FAILED" else 2)


def test_an_import_with_a_request_id_is_safe_to_repeat(registry, api):
    request_id = str(uuid.uuid4())
    first = registry.import_records(api.example(), request_id=request_id)
    registry.DeleteIntervention(name="dialogues/asia-ict-ct-3/interventions/caption-1")
    second = registry.import_records(api.example(), request_id=request_id)
    assert second.summary == first.summary and second.results == first.results
    assert registry.names("ListInterventions", parent="dialogues/-") == []
    requests = registry.import_requests(api.example()[:1], request_id=request_id)
    refusal = Refusal(error_of(api.stub(registry.channel, "ImportRegistry"), requests))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")


def test_a_client_that_cancels_in_mid_stream_leaves_nothing_behind(registry, api):
    requests = Requests(*registry.import_requests(api.example()))
    call = api.stub(registry.channel, "ImportRegistry")(iter(requests), timeout=CALL_SECONDS)
    call.cancel()
    requests.finish()
    assert call.code() is grpc.StatusCode.CANCELLED
    assert registry.export() == []
    assert registry.import_records(api.example()).outcomes == {"CREATED": 41}


def test_a_client_that_goes_away_in_mid_stream_leaves_nothing_behind(registry, api):
    with RegistryClient(api, registry.address) as other:
        requests = Requests(*other.import_requests(api.example()))
        call = api.stub(other.channel, "ImportRegistry")(iter(requests), timeout=CALL_SECONDS)
        # Another call on the same connection: the stream before it has reached the daemon.
        assert other.names("ListThemes") == []
    requests.finish()
    assert until(call.done, bool)
    assert registry.export() == []
    assert registry.import_records(api.example()).outcomes == {"CREATED": 41}


@pytest.mark.parametrize("headers", [0, 2])
def test_an_import_has_one_header_which_comes_first(registry, api, headers):
    header = api.ImportRegistryRequest(header=api.ImportRegistryRequest.Header())
    record = api.ImportRegistryRequest(record=api.Record(theme=api.theme(name="themes/t")))
    refusal = Refusal(error_of(api.stub(registry.channel, "ImportRegistry"), iter([header] * headers + [record])))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "IMPORT_HEADER_INVALID")
    assert registry.export() == []


def test_an_import_of_nothing_is_fine(registry):
    outcome = registry.import_records([])
    assert outcome.results == [] and outcome.summary.applied


def test_an_import_has_at_most_fifty_thousand_records(registry, api):
    requests = registry.import_requests([api.Record(theme=api.Theme(name="themes/t"))] * 50_001)
    refusal = Refusal(error_of(api.stub(registry.channel, "ImportRegistry"), requests))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
    assert refusal.metadata["max_records"] == "50000"
    assert registry.export() == []


def test_a_record_has_at_most_512_kib(registry, api):
    def theme(name, count):
        values = {f"en-x-{number}": "x" * 20_000 for number in range(count)}
        return api.Record(theme=api.theme(name=name, definition=api.LocalizedText(values=values)))

    assert registry.import_records([theme("themes/fits", 26)], dry_run=True).outcomes == {"CREATED": 1}
    outcome = registry.import_records([theme("themes/too-large", 27)])
    assert failures(outcome) == {"themes/too-large": ("LIMIT_REACHED", [])}
