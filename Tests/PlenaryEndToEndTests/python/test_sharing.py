"""Who sees which records: labels and groups, in every read path, from foreign clients and the command line."""

import json

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing.identities import cli, two_organizations

A, B = "organizations/a", "organizations/b"


@pytest.fixture
def desks(api, admin, connect):
    """A client of each of two organizations: `desks["a"]`, and `desks["a", "OFFICER"]` for another role."""
    two_organizations(api, admin)
    tokens = {}

    class Desks(dict):
        def __missing__(self, key):
            organization, role = key if isinstance(key, tuple) else (key, "EDITOR")
            name = f"{organization}-{role.lower()}"
            admin.CreateClient(
                client_id=name,
                client=api.Client(
                    organization=f"organizations/{organization}", roles=[api.Client.Grant(role=role, scope="*")]
                ),
            )
            tokens[key] = admin.IssueClientToken(name=f"clients/{name}").token
            self[key] = connect(tokens[key])
            return self[key]

    found = Desks()
    found.tokens = tokens
    return found


def marked(api, label, **audience):
    return api.Marking(label=label, **audience)


def put(api, client, id, label, text="plain", **audience):
    theme = api.theme(f"{text} {id}")
    theme.name = f"themes/{id}"
    theme.marking.CopyFrom(marked(api, label, **audience))
    return client.UpdateTheme(
        theme=theme, update_mask=FieldMask(paths=["scheme", "pref_label", "marking"]), allow_missing=True
    )


# Acceptance row 41


def test_what_one_agency_marks_amber_strict_another_does_not_see_anywhere(api, desks):
    a, b = desks["a"], desks["b"]
    put(api, a, "open", "GREEN")
    put(api, a, "strict", "AMBER_STRICT", text="secret", organizations=[A])
    assert a.names("ListThemes") == ["themes/open", "themes/strict"]
    assert b.names("ListThemes") == ["themes/open"]
    absent, hidden = (b.refusal("GetTheme", name=f"themes/{id}") for id in ("absent", "strict"))
    assert (hidden.code, hidden.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert hidden.message.replace("strict", "absent") == absent.message and hidden.metadata.keys() == absent.metadata.keys()
    assert [record.theme.name for record in b.export() if record.WhichOneof("kind") == "theme"] == ["themes/open"]
    assert [change.resource for change in b.ListChanges().changes if change.resource.startswith("themes/")] == [
        "themes/open"
    ]
    assert b.SearchResources(query="secret").results == []
    assert b.names("ListThemes", filter="secret") == []
    for method, fields in [
        ("ListThemeRevisions", {"parent": "themes/strict"}),
        ("BatchGetThemes", {"names": ["themes/open", "themes/strict"]}),
        ("DiffResource", {"name": "themes/strict", "from_revision": a.GetTheme(name="themes/open").revision}),
        ("UpdateTheme", {"theme": api.Theme(name="themes/strict"), "update_mask": FieldMask(paths=["notation"])}),
        ("DeleteTheme", {"name": "themes/strict"}),
    ]:
        assert b.refusal(method, **fields).reason == "RESOURCE_NOT_FOUND", method
    assert b.refusal("CreateTheme", theme_id="strict", theme=api.theme()).reason == "RESOURCE_EXISTS"


def test_a_record_that_goes_out_of_sight_looks_deleted_to_who_watches(api, desks):
    a, b = desks["a"], desks["b"]
    for id in ("hidden", "deleted"):
        put(api, a, id, "GREEN")
    call = api.stub(b.channel, "WatchChanges")(api.request("WatchChanges", resource_types=["plenary.registry/Theme"]))
    assert next(call).kind == api.WatchChangesResponse.PROGRESS
    put(api, a, "hidden", "AMBER_STRICT", organizations=[A])
    a.DeleteTheme(name="themes/deleted")
    told = []
    for message in call:
        told += message.changes
        if len(told) == 2:
            break
    call.cancel()
    assert [change.resource for change in told] == ["themes/hidden", "themes/deleted"]
    for change in told:
        assert change.kind == api.Change.REMOVED and not change.HasField("after") and not change.HasField("before")
        assert not change.actor
    assert {field.name for field, _ in told[0].ListFields()} == {field.name for field, _ in told[1].ListFields()}
    # And it is the same for who lists the changes later.
    kinds = {change.resource: change.kind for change in b.ListChanges().changes}
    assert kinds["themes/hidden"] == kinds["themes/deleted"] == api.Change.REMOVED


def test_who_comes_into_a_group_sees_and_who_is_taken_out_is_told_to_begin_again(api, admin, desks):
    a, b = desks["a"], desks["b"]
    admin.CreateSharingGroup(sharing_group_id="inner", sharing_group=api.SharingGroup(organizations=[A]))
    admin.CreateSharingGroup(
        sharing_group_id="outer", sharing_group=api.SharingGroup(groups=["sharingGroups/inner"], organizations=[A])
    )
    put(api, a, "t", "AMBER", sharing_groups=["sharingGroups/outer"])
    assert b.names("ListThemes") == []
    call = api.stub(b.channel, "WatchChanges")(api.request("WatchChanges"))
    assert next(call).kind == api.WatchChangesResponse.PROGRESS
    for organizations, expected in (([A, B], ["themes/t"]), ([A], [])):
        admin.UpdateSharingGroup(
            sharing_group=api.SharingGroup(name="sharingGroups/inner", organizations=organizations),
            update_mask=FieldMask(paths=["organizations"]),
        )
        # From the moment of the answer on.
        assert b.names("ListThemes") == expected
        assert list(call)[-1].kind == api.WatchChangesResponse.RESYNC
        call = api.stub(b.channel, "WatchChanges")(api.request("WatchChanges"))
        next(call)
    call.cancel()


def test_more_are_let_in_by_an_officer_of_the_originator_with_a_reason(api, desks, guarded, tmp_path):
    a, b, officer, other = desks["a"], desks["b"], desks["a", "OFFICER"], desks["b", "OFFICER"]
    put(api, a, "t", "AMBER", organizations=[A, B])
    green = dict(name="themes/t", marking=marked(api, "GREEN"), reason="it is out")
    for client in (b, a):
        assert client.refusal("DowngradeMarking", **green).reason == "ROLE_MISSING"
    refusal = other.refusal("DowngradeMarking", **green)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "MARKING_ORIGINATOR_ONLY")
    assert refusal.metadata["originator"] == A
    assert officer.refusal("DowngradeMarking", **{**green, "reason": ""}).reason == "FIELD_REQUIRED"
    theme = api.Theme(name="themes/t", marking=marked(api, "GREEN"))
    assert officer.refusal("UpdateTheme", theme=theme, update_mask=FieldMask(paths=["marking"])).reason == (
        "MARKING_ORIGINATOR_ONLY"
    )
    assert officer.DowngradeMarking(**green).theme.marking.label == api.Marking.GREEN
    newest = officer.ListThemeRevisions(parent="themes/t").theme_revisions[0]
    assert newest.change.reason == "it is out"


def test_the_marks_of_records_on_the_command_line(api, desks, guarded):
    daemon = guarded[1]
    a, officer = desks["a"], desks["a", "OFFICER"]
    token = desks.tokens["a", "OFFICER"]
    put(api, a, "t", "AMBER", organizations=[A, B])
    shown = cli(daemon, "marking", "show", "themes/t", token=token)
    assert shown.returncode == 0, shown.stderr
    for word in ("TLP:AMBER", A, B, "Originator"):
        assert word in shown.stdout
    tried = cli(
        daemon, "marking", "downgrade", "themes/t", "--label", "TLP:WHITE", "--reason", "x", token=token
    )
    assert tried.returncode == 7 and "TLP:CLEAR" in tried.stderr
    for flags, label in ((["--dry-run"], api.Marking.AMBER), ([], api.Marking.GREEN)):
        done = cli(
            daemon, "marking", "downgrade", "theme", "t", "--label", "TLP:GREEN", "--reason", "it is out", *flags,
            token=token,
        )
        assert done.returncode == 0, done.stderr
        assert "TLP:GREEN" in done.stdout and ("dry run" in done.stdout) == bool(flags)
        assert a.GetTheme(name="themes/t").marking.label == label
    assert cli(daemon, "marking", "lint", token=token).returncode == 0
    put(api, a, "own", "AMBER", organizations=[A])
    linted = cli(daemon, "marking", "lint", "themes", "--output", "json", token=token)
    assert linted.returncode == 9, linted.stderr
    assert [remark["name"] for remark in json.loads(linted.stdout)] == ["themes/own"]


def test_who_is_in_a_group_on_the_command_line(api, admin, desks, guarded, admin_token):
    daemon = guarded[1]
    desks["a"]
    admin.CreateSharingGroup(sharing_group_id="inner", sharing_group=api.SharingGroup(organizations=[A]))
    admin.CreateSharingGroup(sharing_group_id="outer", sharing_group=api.SharingGroup(groups=["sharingGroups/inner"]))
    members = cli(daemon, "group", "members", "outer", "--output", "json", token=admin_token)
    assert json.loads(members.stdout) == [
        {"organization": A, "through": ["sharingGroups/outer", "sharingGroups/inner"]}
    ]
    done = cli(daemon, "group", "add", "inner", "b", token=admin_token)
    assert done.returncode == 0 and done.stdout == "organizations/b was let into sharingGroups/inner\n", done.stderr
    tried = cli(daemon, "group", "remove", "inner", "b", "--dry-run", token=admin_token)
    assert "can be taken out of sharingGroups/inner (dry run" in tried.stdout
    done = cli(daemon, "group", "remove", "outer", "sharingGroups/inner", token=admin_token)
    assert done.returncode != 0 and "RECIPIENTS_MISSING" in done.stderr
    assert admin.GetSharingGroup(name="sharingGroups/inner").organizations == [A, B]


def test_tokens_tell_nothing_of_what_is_hidden(api, desks):
    a, b = desks["a"], desks["b"]
    put(api, a, "t", "GREEN")
    for id in ("u", "v"):
        put(api, a, id, "GREEN")

    def told():
        answer, headers = b.ask_with_headers("GetTheme", name="themes/t")
        page, more = b.ask_with_headers("ListThemes", page_size=1)
        return answer, [headers["plenary-revision"], more["plenary-revision"]], page.next_page_token

    first, moments, page = told()
    again, others, other_page = told()
    # Nothing was written in between, and whoever compares cannot tell.
    assert first == again and not {*moments, page} & {*others, other_page}
    put(api, a, "hidden", "RED", recipients=["clients/a-editor"])
    third, more, third_page = told()
    assert third == first and not {*moments, page} & {*more, third_page}
    # They are good all the same.
    for token in moments + others + more:
        assert b.GetTheme(name="themes/t", revision=token) == first
    for token in (page, other_page, third_page):
        assert b.names("ListThemes", page_size=1, page_token=token) == ["themes/u"]
