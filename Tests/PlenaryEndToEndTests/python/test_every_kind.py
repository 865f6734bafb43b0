"""The methods that every kind has, on records of every kind, from a foreign client."""

import re
import uuid

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.kinds import DIALOGUE, KINDS

class Kind:
    """A kind in a registry with the example."""

    def __init__(self, registry, api, name):
        self.registry, self.api, self.name = registry, api, name
        self.parent, self.collection, self._fields = KINDS[name]
        self.field = re.sub("(?<!^)(?=[A-Z])", "_", name).lower()
        self.plural = self.collection[0].upper() + self.collection[1:]
        self.items = re.sub("(?=[A-Z])", "_", self.collection).lower()
        self.place = {"parent": self.parent} if self.parent else {}
        # The records that are there already.
        self.others = self.list(show_deleted=True)

    def record(self, number=0, **more):
        return getattr(self.api, self.name)(**self._fields(self.api.text(f"Text {number}"), number), **more)

    def name_of(self, id):
        return f"{self.parent}/{self.collection}/{id}" if self.parent else f"{self.collection}/{id}"

    def names(self, count):
        """Names of records; those of follow-ups have to be told by the registry."""
        return [self.name_of(f"z{number}") for number in range(count)]

    def ask(self, verb, many=False, **fields):
        return self.registry.ask(self.method(verb, many), **fields)

    def refusal(self, verb, many=False, **fields):
        return self.registry.refusal(self.method(verb, many), **fields)

    def method(self, verb, many):
        return verb + (self.plural if many else self.name)

    def list(self, **fields):
        return self.registry.names(f"List{self.plural}", **self.place, page_size=1000, **fields)

    def new(self, **fields):
        """The names in the list that were not there before."""
        return [name for name in self.list(**fields) if name not in self.others]


@pytest.fixture
def kind(filled, api, request):
    base = api.Recommendation(text=api.text("Base"), dialogue=DIALOGUE, addressee="organizations/ctc")
    filled.CreateRecommendation(recommendation_id="base", recommendation=base)
    return Kind(filled, api, request.param)


every_kind = pytest.mark.parametrize("kind", KINDS, indirect=True)
# The registry names follow-ups itself, and they are only ever added: `test_follow_ups_are_only_ever_added`.
every_kind_that_goes = pytest.mark.parametrize("kind", [name for name in KINDS if name != "FollowUp"], indirect=True)


def test_the_table_has_every_kind(api):
    creators = {method[6:] for method in api.methods() if method.startswith("Create")}
    assert set(KINDS) == creators


@every_kind
def test_the_five_methods_answer_for_any_kind(kind):
    fields = {**kind.place, kind.field: kind.record()}
    # Of follow-ups the registry makes the ids.
    if kind.name != "FollowUp":
        fields[f"{kind.field}_id"] = "z0"
    made = kind.ask("Create", **fields)
    assert uuid.UUID(made.uid).version == 4 and made.etag and made.revision and made.creator
    assert kind.ask("Get", name=made.name) == made
    assert kind.new() == [made.name]
    if kind.name != "FollowUp":
        taken = kind.refusal("Create", **fields)
        assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS")

    change = type(made)(name=made.name, annotations={"tried": "yes"})
    changed = {kind.field: change, "update_mask": FieldMask(paths=["annotations.tried"])}
    updated = kind.ask("Update", **changed)
    assert dict(updated.annotations) == {"tried": "yes"} and updated.etag != made.etag
    assert kind.ask("Get", name=made.name) == updated
    change.etag = made.etag
    stale = kind.refusal("Update", **changed)
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "ETAG_MISMATCH")

    absent = kind.refusal("Delete", name=kind.name_of("nobody"))
    assert (absent.code, absent.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    if kind.name == "FollowUp":
        assert kind.refusal("Delete", name=made.name).reason == "CONTENT_FROZEN"
    else:
        assert kind.ask("Delete", name=made.name, etag=updated.etag).HasField("delete_time")
        assert kind.new() == []


@pytest.mark.parametrize("kind", ["FollowUp"], indirect=True)
def test_follow_ups_come_in_batches_and_go_and_come_back_with_their_advice(kind, api):
    create = getattr(api, "CreateFollowUpRequest")
    requests = [create(parent=kind.parent, follow_up=kind.record(number)) for number in range(3)]
    made = kind.ask("BatchCreate", many=True, parent=kind.parent, requests=requests).follow_ups
    names = [each.name for each in made]
    assert sorted(kind.new()) == sorted(names)
    found = kind.ask("BatchGet", many=True, parent=kind.parent, names=names[::-1]).follow_ups
    assert list(found) == list(made)[::-1]
    kind.registry.DeleteRecommendation(name=kind.parent, force=True)
    assert kind.list() == []
    alone = kind.refusal("Undelete", name=names[0])
    assert set(alone.fields.values()) == {"REFERENCE_DELETED"}
    kind.registry.UndeleteRecommendation(name=kind.parent)
    assert sorted(kind.new()) == sorted(names)
    assert kind.refusal("Undelete", name=names[0]).reason == "RESOURCE_EXISTS"
    kind.registry.DeleteRecommendation(name=kind.parent, force=True)
    counted = kind.ask("Purge", many=True, parent=kind.parent, filter="*", force=True)
    assert (counted.purge_count, sorted(counted.purge_sample)) == (3, sorted(names))
    assert kind.refusal("Get", name=names[0]).reason == "RESOURCE_NOT_FOUND"


@every_kind_that_goes
def test_records_of_any_kind_come_in_batches_come_back_and_go_for_good(kind, api):
    request_id = str(uuid.uuid4())
    create = getattr(api, f"Create{kind.name}Request")
    requests = [
        create(**kind.place, **{kind.field: kind.record(number), f"{kind.field}_id": f"z{number}"}) for number in range(3)
    ]
    names = kind.names(3)

    def batch_create(**more):
        return getattr(kind.ask("BatchCreate", many=True, **kind.place, requests=requests, **more), kind.items)

    assert [each.name for each in batch_create(validate_only=True)] == names
    assert kind.new() == []
    made = batch_create(request_id=request_id)
    assert [each.name for each in made] == names
    assert batch_create(request_id=request_id) == made
    taken = kind.refusal("BatchCreate", many=True, **kind.place, requests=requests)
    assert (taken.code, taken.reason) == (grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS")
    assert (taken.metadata["index"], taken.fields) == ("0", {"requests.0": "RESOURCE_EXISTS"})
    found = kind.ask("BatchGet", many=True, **kind.place, names=names[::-1])
    assert list(getattr(found, kind.items)) == list(made)[::-1]
    nobody = kind.name_of("nobody")
    missing = kind.refusal("BatchGet", many=True, **kind.place, names=[names[0], nobody])
    assert (missing.code, missing.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")

    live = kind.refusal("Undelete", name=names[0])
    assert (live.code, live.reason) == (grpc.StatusCode.ALREADY_EXISTS, "RESOURCE_EXISTS")
    kind.ask("Delete", name=names[0])
    back = kind.ask("Undelete", name=names[0])
    assert not back.HasField("delete_time") and back.etag != made[0].etag
    kind.ask("Delete", name=names[0])
    assert kind.refusal("Purge", many=True, **kind.place, force=True).fields == {"filter": "FIELD_REQUIRED"}
    counted = kind.ask("Purge", many=True, **kind.place, filter="*")
    assert (counted.purge_count, list(counted.purge_sample)) == (1, names[:1])
    assert kind.ask("Purge", many=True, **kind.place, filter="*", force=True) == counted
    gone = kind.refusal("Get", name=names[0])
    assert (gone.code, gone.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert kind.new(show_deleted=True) == names[1:]


@every_kind_that_goes
def test_the_standard_fields_of_requests_mean_the_same_for_any_kind(kind):
    (name,) = kind.names(1)
    changed = {kind.field: kind.record(name=name)}

    assert kind.refusal("Update", **changed).reason == "RESOURCE_NOT_FOUND"
    made = kind.ask("Update", **changed, allow_missing=True)
    assert made.name == name and made.etag

    reads = {
        ("Get", False): {"name": name},
        ("List", True): {**kind.place, "page_size": 1000},
        ("BatchGet", True): {**kind.place, "names": [name]},
    }
    for (verb, many), fields in reads.items():

        def read(*paths):
            answer = kind.ask(verb, many, **fields, read_mask=FieldMask(paths=paths))
            found = getattr(answer, kind.items) if many else [answer]
            return [each for each in found if each.name == name]

        assert read("name") == [type(made)(name=name)], verb
        assert read("*") == read() == [made], verb
        refusal = kind.refusal(verb, many, **fields, read_mask=FieldMask(paths=["nothing"]))
        assert refusal.fields == {"read_mask": "MASK_PATH_UNKNOWN"}, verb

    nobody = kind.name_of("nobody")
    assert kind.refusal("Delete", name=nobody).reason == "RESOURCE_NOT_FOUND"
    kind.ask("Delete", name=nobody, allow_missing=True)
    kind.ask("Delete", name=name)
    assert kind.new() == []
    assert kind.new(show_deleted=True) == [name]
    assert kind.ask("Get", name=name).HasField("delete_time")
    assert kind.refusal("Delete", name=name).reason == "RESOURCE_NOT_FOUND"
    kind.ask("Delete", name=name, allow_missing=True)


@every_kind
def test_a_record_of_any_kind_has_its_versions_and_goes_back_to_one(kind, api):
    create = {kind.field: kind.record(), **kind.place}
    if kind.name != "FollowUp":
        create[f"{kind.field}_id"] = "z0"
    made = kind.ask("Create", **create)
    change = type(made)(name=made.name, annotations={"tried": "yes"})
    changed = kind.ask("Update", **{kind.field: change, "update_mask": FieldMask(paths=["annotations"])})
    assert dict(changed.annotations) == {"tried": "yes"} and changed.etag != made.etag

    versions = getattr(kind.registry.ask(f"List{kind.name}Revisions", parent=made.name), f"{kind.field}_revisions")
    assert [version.snapshot for version in versions] == [changed, made]
    assert [list(version.alternate_ids) for version in versions] == [["latest"], []]
    for version, id in [(versions[1], made.revision), (versions[0], "latest")]:
        assert kind.registry.ask(f"Get{kind.name}Revision", name=f"{made.name}/revisions/{id}") == version
    assert kind.ask("Rollback", name=made.name, revision_id="latest") == changed, "it changes nothing"
    back = kind.ask("Rollback", name=made.name, revision_id=made.revision, reason="a trial")
    assert dict(back.annotations) == {} and back.etag not in (made.etag, changed.etag)
    assert kind.ask("Get", name=made.name) == back
