"""Four eyes on the rights of OFFICER and ADMIN: from foreign clients and the command line."""

import contextlib
import json

import grpc
import pytest
from google.protobuf.field_mask_pb2 import FieldMask

from plenary_testing import run
from plenary_testing.registry import RegistryClient


@pytest.fixture
def guarded(start, tmp_path):
    """A daemon that asks who calls, and the token of its first administrator."""
    data = tmp_path / "data"
    token = json.loads(run("plenaryd", "init", "--data", data, "--output", "json").stdout)["token"]
    return start("--set", "auth.required=true", data=data)[1], token


def client(daemon, *arguments, token, code=0):
    done = run("plenary", "client", *arguments, "--server", daemon.address, env={"PLENARY_TOKEN": token})
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_two_administrators_make_an_officer(api, guarded):
    daemon, first = guarded
    # The second administrator is made by the first one alone, as nobody else is there to look at it.
    second = client(daemon, "create", "second", "--role", "ADMIN", "-o", "name", token=first).stdout.strip()
    made = client(daemon, "create", "eye", "--role", "OFFICER@*", "-o", "name", token=first)
    assert "waits for another administrator" in made.stderr
    eye = made.stdout.strip()
    with contextlib.ExitStack() as stack:
        def connect(token):
            return stack.enter_context(RegistryClient(api, daemon.address, token=token))

        admin, other, officer = connect(first), connect(second), connect(eye)
        assert officer.refusal("ListThemes").reason == "ROLE_MISSING"
        refusal = admin.refusal("ApproveClientGrant", name="clients/eye")
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "FOUR_EYES")
        assert officer.refusal("ApproveClientGrant", name="clients/eye").reason == "ROLE_MISSING"
        notices = {row["client"]: row["state"]
                   for row in json.loads(client(daemon, "notices", "-o", "json", token=second).stdout)}
        assert notices == {"clients/admin": "GIVEN_ALONE", "clients/second": "GIVEN_ALONE", "clients/eye": "PENDING"}
        assert "has what was proposed for it: OFFICER@*" in client(daemon, "approve", "eye", token=second).stdout
        # From the answer on.
        assert not officer.ListThemes().themes
        assert officer.ListAuditEntries().entries is not None
        assert "GRANT_NOT_PENDING" in client(daemon, "approve", "eye", token=second, code=6).stderr
        # Whoever has a token has the rights.
        assert "waits for another administrator" in client(daemon, "token", "eye", token=first).stderr
        assert officer.refusal("ListThemes").reason == "ROLE_MISSING"
        assert admin.refusal("ApproveClientGrant", name="clients/eye").reason == "FOUR_EYES"
        other.ApproveClientGrant(name="clients/eye")
        assert not officer.ListThemes().themes
        stored = admin.GetClient(name="clients/eye")
        assert (stored.elevation.proposer, stored.elevation.approver) == ("clients/admin", "clients/second")
        # Who is an administrator is in the way of no other right.
        grants = [api.Client.Grant(role="OFFICER", scope="*"), api.Client.Grant(role="ADMIN")]
        changed = other.UpdateClient(
            client=api.Client(name="clients/eye", roles=grants), update_mask=FieldMask(paths=["roles"]))
        assert [grant.role for grant in changed.roles] == [api.Client.Grant.OFFICER]
        assert officer.refusal("ListClients").reason == "ROLE_MISSING"
        assert "eye" in client(daemon, "notices", token=first).stdout


def test_a_daemon_can_be_told_that_one_administrator_is_enough(start, tmp_path):
    data = tmp_path / "data"
    token = json.loads(run("plenaryd", "init", "--data", data, "--output", "json").stdout)["token"]
    _, daemon = start("--set", "auth.required=true", "--set", "auth.four_eyes=false", data=data)
    for name in ("second", "third"):
        assert "waits" not in client(daemon, "create", name, "--role", "ADMIN", token=token).stderr
    assert client(daemon, "notices", token=token).stdout.count("given alone") == 3


def test_who_removes_the_other_administrators_is_not_alone_then(api, guarded, tmp_path):
    daemon, first = guarded
    second = client(daemon, "create", "second", "--role", "ADMIN", "-o", "name", token=first).stdout.strip()
    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(RegistryClient(api, daemon.address, token=first))
        other = stack.enter_context(RegistryClient(api, daemon.address, token=second))
        for method, fields in (
            ("DeleteClient", {"name": "clients/second"}),
            ("UpdateClient", {"client": api.Client(name="clients/second"), "update_mask": FieldMask(paths=["roles"])}),
        ):
            refusal = admin.refusal(method, **fields)
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "FOUR_EYES"), method
        # A token that was stolen is taken back at once all the same.
        client(daemon, "revoke", "second", "--all", token=first)
        assert other.refusal("ListThemes").reason == "CREDENTIALS_INVALID"
        # And then the first one is not alone: what it gives waits.
        made = client(daemon, "create", "third", "--role", "ADMIN", token=first)
        assert "waits for another administrator" in made.stderr
        told = client(daemon, "notices", token=first).stdout
        assert "third" in told and "pending" in told, told


def test_whoever_runs_the_daemon_removes_an_administrator(api, start, tmp_path):
    data = tmp_path / "data"
    run("plenaryd", "init", "--data", data)
    local, daemon = start("--set", "auth.required=true", listen=f"unix:{tmp_path}/socket", data=data)
    local.CreateClient(client_id="second", client=api.Client(roles=[api.Client.Grant(role="ADMIN")]))
    token = local.IssueClientToken(name="clients/second").token
    with RegistryClient(api, daemon.address, token=token) as second:
        assert second.refusal("DeleteClient", name="clients/admin").reason == "FOUR_EYES"
        local.DeleteClient(name="clients/admin")
        # Its own rights everybody gives up.
        second.UpdateClient(client=api.Client(name="clients/second"), update_mask=FieldMask(paths=["roles"]))
        assert second.refusal("ListClients").reason == "ROLE_MISSING"
