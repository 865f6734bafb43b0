"""Every method of every kind, as every role of the own and of another organization, on records of every label."""

import re
import uuid

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.calls import CALL_SECONDS
from plenary_testing.identities import ROLES, two_organizations
from plenary_testing.kinds import KINDS
from plenary_testing.registry import Refusal

LABELS = ("CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED")
OWN = "organizations/a"

# The methods that are about one record of a kind: what they take besides its name, and whether they change it.
GET, CHANGE, CREATE = "get", "change", "create"
VERBS = {
    "Get": GET, "List": GET, "BatchGet": GET, "ListRevisions": GET, "GetRevision": GET, "Update": CHANGE,
    "Delete": CHANGE, "Undelete": CHANGE, "Rollback": CHANGE, "Create": CREATE, "BatchCreate": CREATE, "Purge": "purge",
}

# The methods that are about all records, or about none: what a label means to them is asked elsewhere, by name here.
OTHERS = {
    "ApplyResources": "test_sharing", "ImportRegistry": "SharingTests", "ExportRegistry": "test_sharing",
    "ExplainFilter": "AgencyTests", "GetTranslationStatus": "AgencyTests", "SearchResources": "test_sharing",
    "ListChanges": "test_sharing", "WatchChanges": "test_sharing", "DiffResource": "test_sharing",
    "DiffRegistry": "AgencyTests", "DowngradeMarking": "test_sharing",
    "GetConsultationCoverage": "test_coverage_trace", "TraceResource": "test_coverage_trace",
    "ReadOutcomeReportContent": "OutcomeAudienceTests", "RenderOutcomeReport": "test_renderings",
}


def method_of(name, kind, collection):
    """The verb that a method is for a kind; None if it is none of the kind's."""
    plural = collection[0].upper() + collection[1:]
    for verb in VERBS:
        standard = {
            "List": f"List{plural}", "BatchGet": f"BatchGet{plural}", "BatchCreate": f"BatchCreate{plural}",
            "Purge": f"Purge{plural}", "ListRevisions": f"List{kind}Revisions", "GetRevision": f"Get{kind}Revision",
        }.get(verb, f"{verb}{kind}")
        if name == standard:
            return verb
    return None


class World:
    """A registry in which one organization has a record of each kind with each label, and clients of two ask for them."""

    def __init__(self, api, admin, connect):
        self.api, self.admin = api, admin
        two_organizations(api, admin)
        assert admin.import_records(api.example()).summary.applied
        admin.CreateRecommendation(
            recommendation_id="base",
            recommendation=api.Recommendation(
                text=api.text("Base"), dialogue="dialogues/asia-ict-ct-3", addressee="organizations/ctc"
            ),
        )
        self.clients = {}
        for organization in ("a", "b"):
            for role in ROLES:
                name = f"{organization}-{role.lower()}"
                grant = api.Client.Grant(role=role)
                admin.CreateClient(
                    client_id=name, client=api.Client(organization=f"organizations/{organization}", roles=[grant])
                )
                token = admin.IssueClientToken(name=f"clients/{name}").token
                self.clients[organization, role] = connect(token)
                if organization == "b" and role in ("OFFICER", "ADMIN"):
                    # There are two administrators by now, and what the one gives the other approves.
                    self.clients["a", "ADMIN"].ApproveClientGrant(name=f"clients/{name}")

    def marking(self, label):
        audience = {}
        if label.startswith("AMBER"):
            audience["organizations"] = [OWN]
        if label == "RED":
            audience["recipients"] = [f"clients/a-{role.lower()}" for role in ROLES]
        return self.api.Marking(label=label, **audience)

    def create(self, kind, label, number):
        parent, collection, fields = KINDS[kind]
        field = re.sub("(?<!^)(?=[A-Z])", "_", kind).lower()
        record = getattr(self.api, kind)(
            **fields(self.api.text(f"Text {number}"), number),
            marking=self.marking(label),
            originating_organization=OWN,
        )
        request = {field: record, f"{field}_id": f"z{number}"} | ({"parent": parent} if parent else {})
        if kind == "FollowUp":
            request.pop("follow_up_id")
        return getattr(self.admin, f"Create{kind}")(**request)


@pytest.fixture
def world(api, admin, connect):
    return World(api, admin, connect)


def outcome(client, method, **fields):
    """`OK`, or why it is refused."""
    call = client.api.stub(client.channel, method)
    try:
        return "OK", call(client.api.request(method, **fields), timeout=CALL_SECONDS)
    except grpc.RpcError as error:
        return Refusal(error).reason, None


def expected(verb, role, organization, label, needs):
    """What comes of a call."""
    if ROLES.index(role) < ROLES.index(needs):
        return "ROLE_MISSING"
    if verb in ("List", "Purge"):
        return "OK"
    sees = role == "ADMIN" or organization == "a" or label in ("CLEAR", "GREEN")
    if VERBS[verb] == CREATE:
        # It is to be a record of the own organization; what is not seen is no reason to say that first.
        return "RESOURCE_EXISTS" if sees else "ORIGINATOR_ONLY"
    if not sees:
        return "RESOURCE_NOT_FOUND"
    if verb == "Undelete":
        return "RESOURCE_EXISTS"
    if VERBS[verb] == CHANGE and role != "ADMIN" and organization == "b":
        return "ORIGINATOR_ONLY"
    return "OK"


def test_every_method_by_role_organization_and_label(api, world):
    asked = set()
    wrong = []
    for number, (kind, (parent, collection, _)) in enumerate(KINDS.items()):
        if kind == "Client":
            continue
        field = re.sub("(?<!^)(?=[A-Z])", "_", kind).lower()
        methods = {name: verb for name in api.methods() if (verb := method_of(name, kind, collection))}
        assert set(methods.values()) == set(VERBS), kind
        asked |= methods.keys()
        # What lies in a record is marked at least as strictly.
        labels = LABELS[1:] if parent.startswith(("dialogues/", "recommendations/")) else LABELS
        for place, label in enumerate(labels):
            record = world.create(kind, label, 10 * number + place)
            name = record.name
            bare = getattr(api, kind)(name=name, annotations={"note": "x"})
            if kind != "FollowUp":
                # So that there is something to go back from.
                changed = getattr(api, kind)(name=name, annotations={"note": "y"})
                update = {field: changed, "update_mask": FieldMask(paths=["annotations"])}
                getattr(world.admin, f"Update{kind}")(**update)
            place_of = {"parent": parent} if parent else {}
            new = {"parent": parent} if parent else {}
            new |= {field: record, f"{field}_id": name.rsplit("/", 1)[1]}
            requests = {
                "Get": {"name": name},
                "List": {**place_of, "filter": "annotations:none OR create_time > \"2000-01-01T00:00:00Z\"", "page_size": 1000},
                "BatchGet": {"names": [name]},
                "ListRevisions": {"parent": name},
                "GetRevision": {"name": f"{name}/revisions/latest"},
                "Update": {field: bare, "update_mask": FieldMask(paths=["annotations"]), "validate_only": True},
                "Delete": {"name": name, "validate_only": True},
                "Undelete": {"name": name, "validate_only": True},
                "Rollback": {"name": name, "revision_id": record.revision, "validate_only": True},
                "Create": {**new, "validate_only": True},
                "BatchCreate": {**place_of, "requests": [new], "validate_only": True},
                "Purge": {**place_of, "filter": "*"},
            }
            for (organization, role), client in world.clients.items():
                sees = role == "ADMIN" or organization == "a" or label in ("CLEAR", "GREEN")
                for method, verb in methods.items():
                    if kind == "FollowUp" and verb in ("Update", "Rollback", "Delete", "Undelete"):
                        # It is only added to; what that means is asked in the tests of outcomes.
                        continue
                    needs = "READER" if VERBS[verb] == GET else "ADMIN" if verb == "Purge" else "EDITOR"
                    if kind == "SharingGroup" and VERBS[verb] in (CHANGE, CREATE):
                        needs = "OFFICER"
                    wanted = expected(verb, role, organization, label, needs)
                    found, answer = outcome(client, method, **requests[verb])
                    if found != wanted:
                        wrong.append((method, label, organization, role, found, wanted))
                    if verb == "List" and found == "OK":
                        items = getattr(answer, re.sub("(?=[A-Z])", "_", collection).lower())
                        if (name in [item.name for item in items]) != sees:
                            wrong.append((method, label, organization, role, "listed", sees))
    assert not wrong, wrong[:20]
    of_clients = {name for name in api.methods() if method_of(name, "Client", "clients")}
    rest = set(api.methods()) - asked - of_clients - OTHERS.keys()
    # What moves a record is asked by role and label like what changes it; what is left is about no record.
    moves = {name for name in rest if any(name.endswith(kind) for kind in KINDS if kind != "Client")}
    for name in sorted(moves):
        request = api.request(name)
        assert hasattr(request, "name") and hasattr(request, "validate_only"), name
    left = {name for name in rest - moves if not re.search("Client", name)}
    assert not any(hasattr(api.request(name), "parent") for name in left), left
    wrong = []
    hidden = {
        kind: world.create(kind, "RED", 900 + number).name for number, kind in enumerate(KINDS) if kind != "Client"
    }
    for method in sorted(moves):
        kind = max((kind for kind in KINDS if method.endswith(kind)), key=len)
        for role in ROLES[1:4]:
            needed = {"successor": "recommendations/base"} if method.startswith("Supersede") else {}
            if method == "ErasePerson":
                needed = {"reason": "asked for"}
            reason, _ = outcome(
                world.clients["b", role], method, name=hidden[kind], validate_only=True,
                request_id=str(uuid.uuid4()), **needed,
            )
            if reason not in ("RESOURCE_NOT_FOUND", "ROLE_MISSING"):
                wrong.append((method, role, reason))
    assert wrong == []
