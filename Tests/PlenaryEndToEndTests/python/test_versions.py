"""Clients whose protos are older or newer than the daemon's, and what a daemon remembers that starts again."""

import uuid

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from plenary_testing.calls import CALL_SECONDS, error_of
from plenary_testing.registry import Refusal

MANDATE = "mandates/s-res-2129-2013"

# A kind, a record of it, a field that an older client does not know, and one that it changes.
OLDER = [
    ("Series", "series/asia-ict-ct-dialogue", "aims", "title"),
    ("Dialogue", "dialogues/asia-ict-ct-3", "topics", "summary"),
    ("Theme", "themes/incitement-online-violent-extremism", "notation", "definition"),
    ("Initiative", "initiatives/tech-against-terrorism", "url", "title"),
    ("Directive", f"{MANDATE}/directives/notes-nexus", "themes", "summary"),
    ("Person", "persons/asia-ict-ct-3-caption-1", "organization", "office_title"),
]


class OtherVersion:
    """A client with protos in which one kind is changed: `change` gets the descriptor of its message."""

    def __init__(self, client, kind, change):
        self._channel = client.channel
        self._change = change
        self._kind = kind
        self._pool = descriptor_pool.DescriptorPool()
        self._added = set()
        self._add(getattr(client.api, kind).DESCRIPTOR.file)

    def _add(self, file):
        if file.name in self._added:
            return
        self._added.add(file.name)
        for dependency in file.dependencies:
            self._add(dependency)
        proto = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
        for message in proto.message_type:
            if proto.package == "plenary.v1" and message.name == self._kind:
                self._change(message)
        self._pool.AddSerializedFile(proto.SerializeToString())

    def message(self, name):
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(f"plenary.v1.{name}"))

    def call(self, verb):
        return self._channel.unary_unary(
            f"/plenary.v1.{self._kind}Service/{verb}{self._kind}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=self.message(self._kind).FromString,
        )

    def ask(self, verb, **fields):
        return self.call(verb)(self.message(f"{verb}{self._kind}Request")(**fields), timeout=CALL_SECONDS)


def snake(kind):
    return kind[0].lower() + kind[1:]


def older(client, kind, unknown):
    """A client that does not know a field."""

    def leave_out(message):
        (field,) = [field for field in message.field if field.name == unknown]
        message.field.remove(field)

    return OtherVersion(client, kind, leave_out)


@pytest.mark.parametrize(("kind", "name", "unknown", "changed"), OLDER)
def test_an_older_client_that_writes_back_what_it_read_keeps_what_it_does_not_know(
    filled, kind, name, unknown, changed
):
    before = filled.ask(f"Get{kind}", name=name)
    assert getattr(before, unknown)
    client = older(filled, kind, unknown)
    record = client.ask("Get", name=name)
    assert unknown not in record.DESCRIPTOR.fields_by_name
    getattr(record, changed).values["fr"] = "Texte"
    client.ask("Update", **{snake(kind): record, "update_mask": {"paths": ["*"]}})
    after = filled.ask(f"Get{kind}", name=name)
    assert getattr(after, unknown) == getattr(before, unknown)
    assert getattr(after, changed).values["fr"] == "Texte"


@pytest.mark.parametrize(("kind", "name", "unknown", "changed"), OLDER)
def test_an_older_client_that_drops_what_it_does_not_know_erases_nothing_without_a_star(
    filled, kind, name, unknown, changed
):
    before = filled.ask(f"Get{kind}", name=name)
    client = older(filled, kind, unknown)
    record = client.ask("Get", name=name)
    record.DiscardUnknownFields()
    getattr(record, changed).values["fr"] = "Texte"
    for mask in ({}, {"update_mask": {"paths": [changed]}}):
        client.ask("Update", **{snake(kind): record}, **mask)
        record = client.ask("Get", name=name)
        record.DiscardUnknownFields()
    after = filled.ask(f"Get{kind}", name=name)
    assert getattr(after, unknown) == getattr(before, unknown)
    assert getattr(after, changed).values["fr"] == "Texte"


@pytest.mark.parametrize(("kind", "name"), [case[:2] for case in OLDER])
def test_what_a_newer_client_sets_besides_is_neither_refused_nor_kept(filled, kind, name):
    """Nobody knows to whom it may be shown."""

    def add(message):
        message.field.add(name="from_later", number=900, type="TYPE_STRING", label="LABEL_OPTIONAL")

    client = OtherVersion(filled, kind, add)
    record = client.ask("Get", name=name)
    record.from_later = "later"
    record.annotations["tried"] = "yes"
    written = client.ask("Update", **{snake(kind): record, "update_mask": {"paths": ["*"]}})
    assert dict(written.annotations) == {"tried": "yes"} and not written.from_later
    assert not client.ask("Get", name=name).from_later
    # A mask that names it asks for what is not there.
    request = client.message(f"Update{kind}Request")(
        **{snake(kind): record, "update_mask": {"paths": ["from_later"]}}
    )
    refusal = Refusal(error_of(client.call("Update"), request))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MASK_PATH_UNKNOWN")


def test_requests_are_remembered_by_a_daemon_that_starts_again(start, api, tmp_path):
    data = str(tmp_path / "data")
    organization = api.Organization(title=api.text("One"), kind="GOVERNMENT_MINISTRY")
    calls = [
        ("CreateTheme", {"theme_id": "x", "theme": api.theme("One")}),
        ("CreateOrganization", {"organization_id": "x", "organization": organization}),
        ("CreateSeries", {"series_id": "x", "series": api.Series(title=api.text("One"))}),
        ("UpdateSeries", {"series": api.Series(name="series/x", title=api.text("Two"))}),
        ("SuspendSeries", {"name": "series/x", "reason": "a pause"}),
        ("DeleteOrganization", {"name": "organizations/x"}),
        ("UndeleteOrganization", {"name": "organizations/x"}),
    ]
    calls = [(method, {**fields, "request_id": str(uuid.uuid4())}) for method, fields in calls]
    first, daemon = start(data=data)
    answers = [first.ask_with_headers(method, **fields) for method, fields in calls]
    assert all("plenary-replayed" not in headers for _, headers in answers)
    daemon.stop()
    second, _ = start(data=data)
    for (method, fields), (answer, headers) in zip(calls, answers):
        again, repeated = second.ask_with_headers(method, **fields)
        assert again == answer, method
        assert repeated["plenary-replayed"] == "true", method
        assert repeated["plenary-revision"] == headers["plenary-revision"], method
    method, fields = calls[0]
    reused = second.refusal(method, **{**fields, "theme": api.theme("Other")})
    assert (reused.code, reused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "REQUEST_ID_REUSED")
