"""Get, list, create, update and delete by grpcio, with stubs that grpcio-tools made of our protos."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.calls import Requests, error_of
from plenary_testing.registry import Refusal, RegistryClient

DIALOGUE = "dialogues/asia-ict-ct-3"

# What stock clients accept in the headers or trailers of a response.
METADATA_BYTES = 8192


def test_a_record_is_created_read_changed_and_deleted(registry, api):
    made = registry.CreateTheme(theme_id="incitement", theme=api.theme("Incitement"))
    assert made.name == "themes/incitement"
    assert uuid.UUID(made.uid).version == 4
    assert re.fullmatch('"[^"]+"', made.etag)
    assert made.revision and made.creator and made.create_time == made.update_time
    assert made.state == api.Theme.ACTIVE
    assert registry.GetTheme(name=made.name) == made

    wanted = api.Theme(name=made.name, etag=made.etag, notation="1", scheme="ignored, since the mask does not name it")
    changed = registry.UpdateTheme(theme=wanted, update_mask=FieldMask(paths=["notation"]))
    assert changed.notation == "1"
    assert (changed.scheme, changed.pref_label, changed.uid) == (made.scheme, made.pref_label, made.uid)
    assert changed.etag != made.etag and changed.revision != made.revision
    assert registry.GetTheme(name=made.name) == changed

    deleted = registry.DeleteTheme(name=made.name, etag=changed.etag)
    assert deleted.state == api.Theme.DELETED
    assert deleted.HasField("delete_time") and deleted.HasField("purge_time")
    assert registry.GetTheme(name=made.name) == deleted
    assert registry.names("ListThemes") == []


def test_one_language_of_a_text_is_changed_alone(filled, api):
    changed = api.Dialogue(name=DIALOGUE, title=api.text("Troisième dialogue", "fr"))
    answer = filled.UpdateDialogue(dialogue=changed, update_mask=FieldMask(paths=["title.values.fr"]))
    assert dict(answer.title.values) == {
        "en": "Third ICT/counter-terrorism Asia Dialogue",
        "fr": "Troisième dialogue",
    }


def test_a_stale_etag_is_aborted(filled, api):
    before = filled.GetDialogue(name=DIALOGUE)
    mask = FieldMask(paths=["time_zone"])
    changed = api.Dialogue(name=DIALOGUE, etag=before.etag, time_zone="Asia/Kuala_Lumpur")
    after = filled.UpdateDialogue(dialogue=changed, update_mask=mask)
    changed.time_zone = "Asia/Seoul"
    refusals = [
        filled.refusal("UpdateDialogue", dialogue=changed, update_mask=mask),
        filled.refusal("DeleteDialogue", name=DIALOGUE, etag=before.etag, force=True),
    ]
    for refusal in refusals:
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")
        assert refusal.resource == ("plenary.registry/Dialogue", DIALOGUE)
    assert filled.GetDialogue(name=DIALOGUE) == after


def test_of_two_writers_with_one_etag_exactly_one_wins(registry, api):
    name = registry.CreateTheme(theme_id="raced", theme=api.theme()).name
    with RegistryClient(api, registry.address) as other, ThreadPoolExecutor(2) as threads:
        for turn in range(20):
            etag = registry.GetTheme(name=name).etag

            def write(client, notation):
                theme = api.Theme(name=name, etag=etag, notation=notation)
                try:
                    return client.UpdateTheme(theme=theme, update_mask=FieldMask(paths=["notation"]))
                except grpc.RpcError as error:
                    return Refusal(error)

            answers = list(threads.map(write, [registry, other], [f"a{turn}", f"b{turn}"]))
            winners = [answer for answer in answers if not isinstance(answer, Refusal)]
            losers = [answer for answer in answers if isinstance(answer, Refusal)]
            assert len(winners) == 1
            assert [(loser.code, loser.reason) for loser in losers] == [(grpc.StatusCode.ABORTED, "ETAG_MISMATCH")]
            assert registry.GetTheme(name=name) == winners[0]


def test_the_fields_that_are_wrong_are_all_named(registry, api):
    wrong = api.Dialogue(
        time_zone="Asia//Bangkok",
        location=api.Dialogue.Location(region_code="KOR"),
        series="series/nowhere",
        language_codes=["not a language"],
    )
    refusal = registry.refusal("CreateDialogue", dialogue_id="wrong", dialogue=wrong)
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.fields == {
        "time_zone": "CODE_UNKNOWN",
        "location.region_code": "CODE_UNKNOWN",
        "series": "REFERENCE_NOT_FOUND",
        "language_codes.0": "CODE_UNKNOWN",
    }
    assert refusal.reason == refusal.fields[refusal.metadata["field"]]
    assert refusal.metadata["field"] in refusal.message


def test_what_is_missing_and_what_is_taken_are_named(example, api):
    missing = example.refusal("GetDialogue", name="dialogues/nowhere")
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert missing.resource == ("plenary.registry/Dialogue", "dialogues/nowhere")
    taken = example.refusal("CreateTheme", theme_id="use-incite", theme=api.theme())
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS")
    assert taken.resource == ("plenary.registry/Theme", "themes/use-incite")
    for identifier in ["Capital", "latest", "-", "ends-", "a/b", "a" * 64]:
        refusal = example.refusal("CreateTheme", theme_id=identifier, theme=api.theme())
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "ID_INVALID"), identifier
    required = example.refusal("CreateTheme", theme_id="empty", theme=api.Theme())
    assert required.fields == {"scheme": "FIELD_REQUIRED", "pref_label": "FIELD_REQUIRED"}


def test_what_cannot_be_changed_and_what_does_not_exist_are_refused_in_a_mask(example, api):
    theme = api.Theme(name="themes/use-incite", scheme="another")
    immutable = example.refusal("UpdateTheme", theme=theme, update_mask=FieldMask(paths=["scheme"]))
    assert immutable.fields == {"scheme": "FIELD_IMMUTABLE"}
    unknown = example.refusal("UpdateTheme", theme=theme, update_mask=FieldMask(paths=["shceme"]))
    assert unknown.fields == {"update_mask": "MASK_PATH_UNKNOWN"}


def test_what_others_build_on_is_not_deleted_without_force(filled):
    refusal = filled.refusal("DeleteDialogue", name=DIALOGUE)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "HAS_CHILDREN")
    assert sorted(refusal.obstacles) == [
        f"{DIALOGUE}/interventions/caption-1",
        *(f"{DIALOGUE}/workingGroups/wg-{number}" for number in (1, 2, 3)),
    ]
    deleted = filled.DeleteDialogue(name=DIALOGUE, force=True)
    group = filled.GetWorkingGroup(name=f"{DIALOGUE}/workingGroups/wg-1")
    assert group.delete_time == deleted.delete_time
    assert filled.names("ListWorkingGroups", parent="dialogues/-") == []


def test_validate_only_changes_nothing(filled, api):
    before = filled.export()
    _, headers = filled.ask_with_headers("GetDialogue", name=DIALOGUE)
    theme = api.theme("Would be")
    preview = filled.CreateTheme(theme_id="would-be", theme=theme, validate_only=True)
    assert (preview.name, preview.pref_label, preview.etag) == ("themes/would-be", theme.pref_label, "")
    changed = api.Theme(name="themes/use-incite", notation="9")
    mask = FieldMask(paths=["notation"])
    assert filled.UpdateTheme(theme=changed, update_mask=mask, validate_only=True).notation == "9"
    filled.DeleteOutcomeReport(name="outcomeReports/asia-ict-ct-outcomes", validate_only=True)
    assert filled.refusal("DeleteDialogue", name=DIALOGUE, validate_only=True).reason == "HAS_CHILDREN"
    assert filled.export() == before
    assert filled.ask_with_headers("GetDialogue", name=DIALOGUE)[1]["plenary-revision"] == headers["plenary-revision"]


def test_a_request_id_makes_a_call_safe_to_repeat(registry, api):
    request_id = str(uuid.uuid4())
    fields = {"theme_id": "once", "theme": api.theme(), "request_id": request_id}
    first, headers = registry.ask_with_headers("CreateTheme", **fields)
    assert "plenary-replayed" not in headers
    second, headers = registry.ask_with_headers("CreateTheme", **fields)
    assert second == first
    assert headers["plenary-replayed"] == "true"
    assert headers["plenary-revision"] == first.revision
    fields["theme"] = api.theme("Another")
    reused = registry.refusal("CreateTheme", **fields)
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
    invalid = registry.refusal("CreateTheme", theme_id="twice", theme=api.theme(), request_id="1")
    assert invalid.fields == {"request_id": "REQUEST_ID_INVALID"}
    # The id belongs to the method: another one may have the same.
    registry.DeleteTheme(name=first.name, request_id=request_id)


def test_every_answer_tells_the_revision_at_which_it_is_true(filled, api):
    theme, headers = filled.ask_with_headers("CreateTheme", theme_id="new", theme=api.theme())
    assert headers["plenary-revision"] == theme.revision
    for method, fields in [("GetTheme", {"name": theme.name}), ("ListThemes", {}), ("ListPersons", {})]:
        assert filled.ask_with_headers(method, **fields)[1]["plenary-revision"] == theme.revision
    # That of the registry, not that of the record.
    assert filled.GetDialogue(name=DIALOGUE).revision != theme.revision


def test_a_read_mask_leaves_the_other_fields_out(example, api):
    mask = FieldMask(paths=["name", "location.locality"])
    expected = api.Dialogue(name=DIALOGUE, location=api.Dialogue.Location(locality="Kuala Lumpur"))
    assert example.GetDialogue(name=DIALOGUE, read_mask=mask) == expected
    assert example.records("ListDialogues", filter="ordinal=3", read_mask=mask) == [expected]
    whole = example.GetDialogue(name=DIALOGUE)
    assert example.GetDialogue(name=DIALOGUE, read_mask=FieldMask(paths=["*"])) == whole
    refusal = example.refusal("ListDialogues", read_mask=FieldMask(paths=["location.town"]))
    assert refusal.fields == {"read_mask": "MASK_PATH_UNKNOWN"}


def test_deleted_records_are_listed_on_request(registry, api):
    for identifier in ["gone", "stays"]:
        registry.CreateTheme(theme_id=identifier, theme=api.theme(identifier))
    registry.DeleteTheme(name="themes/gone")
    assert registry.names("ListThemes") == ["themes/stays"]
    assert registry.names("ListThemes", show_deleted=True) == ["themes/gone", "themes/stays"]
    assert registry.names("ListThemes", show_deleted=True, filter="state=DELETED") == ["themes/gone"]
    again = registry.refusal("DeleteTheme", name="themes/gone")
    assert (again.code, again.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    registry.DeleteTheme(name="themes/gone", allow_missing=True)
    registry.DeleteTheme(name="themes/never", allow_missing=True)
    # Its name stays taken, and nothing new refers to it.
    assert registry.refusal("CreateTheme", theme_id="gone", theme=api.theme()).reason == "RESOURCE_EXISTS"
    refusal = registry.refusal("CreateTheme", theme_id="below", theme=api.theme(broader=["themes/gone"]))
    assert refusal.fields == {"broader.0": "REFERENCE_DELETED"}


def test_an_update_makes_what_is_missing_if_it_may(registry, api):
    theme = api.theme(name="themes/new")
    assert registry.refusal("UpdateTheme", theme=theme).reason == "RESOURCE_NOT_FOUND"
    made = registry.UpdateTheme(theme=theme, allow_missing=True)
    assert registry.GetTheme(name="themes/new") == made


def older(message, without):
    """The class of a message as a client has it whose proto does not have a field yet."""
    pool = descriptor_pool.DescriptorPool()

    def add(file):
        for dependency in file.dependencies:
            add(dependency)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        for declared in proto.message_type if file is message.DESCRIPTOR.file else []:
            if declared.name == message.DESCRIPTOR.name:
                fields = [field for field in declared.field if field.name != without]
                del declared.field[:]
                declared.field.extend(fields)
        pool.Add(proto)

    add(message.DESCRIPTOR.file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(message.DESCRIPTOR.full_name))


@pytest.mark.parametrize(
    ("kind", "name", "newer", "changed"),
    [
        ("Dialogue", DIALOGUE, "summary", "time_zone"),
        ("Organization", "organizations/cted", "acronym", "url"),
        ("Mandate", "mandates/s-res-2129-2013", "symbol", "url"),
    ],
)
def test_an_older_client_replaces_a_record_and_keeps_what_it_does_not_know(filled, api, kind, name, newer, changed):
    value = {"time_zone": "Asia/Kuala_Lumpur", "url": "https://example.org/changed"}[changed]
    before = filled.ask(f"Get{kind}", name=name)
    known = older(type(before), newer)
    record = known.FromString(before.SerializeToString())
    assert newer not in known.DESCRIPTOR.fields_by_name and getattr(before, newer)
    setattr(record, changed, value)
    request = api.request(f"Update{kind}", update_mask=FieldMask(paths=["*"]))
    getattr(request, kind.lower()).ParseFromString(record.SerializeToString())
    after = api.stub(filled.channel, f"Update{kind}")(request, timeout=30)
    assert getattr(after, changed) == value and getattr(after, newer) == getattr(before, newer)


def test_a_request_id_outlives_the_daemon(start, api, tmp_path):
    fields = {"theme_id": "once", "theme": api.theme(), "request_id": str(uuid.uuid4())}
    client, daemon = start(data=tmp_path / "data")
    first = client.CreateTheme(**fields)
    daemon.stop()
    client, _ = start(data=tmp_path / "data")
    second, headers = client.ask_with_headers("CreateTheme", **fields)
    assert second == first and headers["plenary-replayed"] == "true"


def test_a_deadline_ends_a_call_and_leaves_nothing_behind(registry, api):
    # Without an end, what ends the call is its deadline.
    requests = Requests(*registry.import_requests([api.Record(theme=api.theme(name="themes/late"))]))
    error = error_of(api.stub(registry.channel, "ImportRegistry"), iter(requests), timeout=0.3)
    requests.finish()
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert registry.export() == []


def test_errors_stay_below_the_limit_of_stock_clients_when_everything_is_wrong(registry, api):
    nonsense = "ü\U0001f608%\n" * 100
    wrong = api.Dialogue(
        series=f"series/{nonsense}",
        time_zone=nonsense,
        location=api.Dialogue.Location(region_code=nonsense, latitude=1e9, longitude=1e9),
        themes=[f"themes/missing-{number}" for number in range(1000)],
        topics=[nonsense] * 1000,
        predecessors=["dialogues/UPPER"] * 1000,
        language_codes=[nonsense] * 1000,
        citations=[api.Citation(field_path=nonsense, source=nonsense)] * 500,
        annotations={f"{nonsense}{number}": nonsense * 10 for number in range(100)},
    )
    call = api.stub(registry.channel, "CreateDialogue")
    error = error_of(call, api.request("CreateDialogue", dialogue_id="wrong", dialogue=wrong))
    assert Refusal(error).fields
    for method, fields in [
        ("GetDialogue", {"name": nonsense * 100}),
        ("ListDialogues", {"filter": nonsense * 9}),
        ("ListDialogues", {"filter": f'title.values.en.{"x" * 4000}=1'}),
        ("ListDialogues", {"order_by": nonsense * 100}),
        ("ListDialogues", {"page_token": nonsense * 100}),
        ("ListDialogues", {"read_mask": FieldMask(paths=[nonsense * 10] * 100)}),
        ("DeleteDialogue", {"name": "dialogues/x", "request_id": nonsense * 100}),
    ]:
        more = error_of(api.stub(registry.channel, method), api.request(method, **fields))
        assert more.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND), (method, more)
        assert trailer_bytes(more) < METADATA_BYTES, (method, fields)
    assert trailer_bytes(error) < METADATA_BYTES


def trailer_bytes(error):
    """How RFC 9113 counts a list of fields; base64 makes a binary value a third longer, percent signs a text thrice."""
    size = sum(
        len(key) + (len(value) * 4 // 3 + 4 if isinstance(value, bytes) else len(value)) + 32
        for key, value in error.trailing_metadata()
    )
    return size + 3 * len(error.details().encode()) + 64


def test_a_request_that_is_too_large_is_refused(registry, api):
    theme = api.theme(annotations={f"k{number}": "x" * 9000 for number in range(60)})
    assert registry.refusal("CreateTheme", theme_id="large", theme=theme).code is grpc.StatusCode.INVALID_ARGUMENT
    theme = api.theme()
    theme.definition.values["en"] = "x" * (5 << 20)
    error = error_of(
        api.stub(registry.channel, "CreateTheme"), api.request("CreateTheme", theme_id="larger", theme=theme)
    )
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert registry.names("ListThemes") == []


@pytest.mark.parametrize("kind", ["Theme", "Organization"])
def test_a_method_of_another_kind_does_not_answer(example, kind):
    refusal = example.refusal(f"Get{kind}", name=DIALOGUE)
    assert refusal.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)
