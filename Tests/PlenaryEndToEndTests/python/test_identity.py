"""Who calls, and what each may do: tokens and roles, from foreign clients and the command line."""

import contextlib
import itertools
import json
import os
import re
import stat
import threading
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2

from plenary_testing import binary, run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import Authority
from plenary_testing.identities import (
    REQUIRED, REVOKED_SECONDS_MAX, ROLES, cli, code_of, two_organizations, watching,
)
from plenary_testing.registry import Refusal, RegistryClient, plenaryd

# Well formed, its check digits included, and given out by nobody.
FOREIGN = "plen_000g40r40m30e209185gr38e1w8124gk2gahc5rr34d1p70x3rfgq8qskeg"


# Without a token


def test_whoever_does_not_say_who_it_is_gets_no_answer(api, guarded):
    client, _ = guarded
    refusal = client.refusal("ListThemes")
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_MISSING")
    # Not even to what does not exist, or is no request.
    assert client.refusal("GetTheme", name="themes/absent").reason == "CREDENTIALS_MISSING"
    assert client.refusal("GetTheme", name="").reason == "CREDENTIALS_MISSING"
    for method in ("WatchChanges", "ExportRegistry"):
        assert client.refusal(method).reason == "CREDENTIALS_MISSING"


def test_every_method_asks_who_calls(api, guarded):
    client, _ = guarded
    for method in api.methods():
        stub = api.stub(client.channel, method)
        request = api.request(method)
        many = api.method(method).client_streaming
        with pytest.raises(grpc.RpcError) as failure:
            answer = stub(iter([request]) if many else request, timeout=CALL_SECONDS)
            if hasattr(answer, "__next__"):
                list(answer)
        refusal = Refusal(failure.value)
        assert refusal.reason == "CREDENTIALS_MISSING", method


def test_whether_it_lives_is_told_to_everyone(stubs, guarded):
    client, _ = guarded
    health, services = stubs["grpc/health/v1/health.proto"]
    answer = services.HealthStub(client.channel).Check(health.HealthCheckRequest(), timeout=CALL_SECONDS)
    assert answer.status == health.HealthCheckResponse.SERVING


@pytest.mark.parametrize("header", ["", "Bearer", f"Basic {FOREIGN}", FOREIGN, f"Bearer {FOREIGN}",
                                    f"Bearer {FOREIGN[:-1]}0", "Bearer " + "x" * 4000])
def test_what_is_no_token_of_a_client_is_refused_alike(api, guarded, header):
    client, _ = guarded
    with pytest.raises(grpc.RpcError) as failure:
        api.stub(client.channel, "ListThemes")(
            api.request("ListThemes"), metadata=[("authorization", header)], timeout=CALL_SECONDS
        )
    refusal = Refusal(failure.value)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID")
    unknown = Refusal(error_with(api, client, f"Bearer {FOREIGN}"))
    assert (refusal.message, refusal.metadata) == (unknown.message, unknown.metadata)


def error_with(api, client, *headers):
    with pytest.raises(grpc.RpcError) as failure:
        api.stub(client.channel, "ListThemes")(
            api.request("ListThemes"), metadata=[("authorization", header) for header in headers], timeout=CALL_SECONDS
        )
    return failure.value


def test_two_tokens_are_none(api, guarded, admin_token):
    good = f"Bearer {admin_token}"
    assert Refusal(error_with(api, guarded[0], good, good)).reason == "CREDENTIALS_INVALID"


def test_a_daemon_that_does_not_ask_still_knows_who_shows_a_token(api, start, data, admin_token):
    client, daemon = start(data=data)
    client.CreateTheme(theme_id="t", theme=api.theme())
    token = client.IssueClientToken(name="clients/admin").token
    client.CreateClient(client_id="reader", client=api.Client(roles=[api.Client.Grant(role="READER")]))
    reader = client.IssueClientToken(name="clients/reader").token
    with RegistryClient(api, daemon.address, token=token) as known:
        assert known.CreateTheme(theme_id="u", theme=api.theme("B")).creator == "clients/admin"
    with RegistryClient(api, daemon.address, token=reader) as known:
        assert known.refusal("CreateTheme", theme_id="v", theme=api.theme("C")).reason == "ROLE_MISSING"
        assert known.names("ListThemes") == ["themes/t", "themes/u"]
    with RegistryClient(api, daemon.address, token=FOREIGN) as known:
        assert known.refusal("ListThemes").reason == "CREDENTIALS_INVALID"


def test_a_process_of_the_same_user_administers_over_a_unix_socket(api, start, data, tmp_path, admin_token):
    address = f"unix:{tmp_path}/socket"
    client, _ = start(*REQUIRED, listen=address, data=data)
    assert client.CreateTheme(theme_id="t", theme=api.theme()).creator == "local"


def test_a_process_of_the_same_user_needs_a_token_where_that_is_set(start, data, tmp_path, admin_token):
    options = [*REQUIRED, "--set", "auth.local_administrator=false"]
    client, _ = start(*options, listen=f"unix:{tmp_path}/socket", data=data)
    assert client.refusal("ListThemes").reason == "CREDENTIALS_MISSING"


# Roles


def test_a_call_takes_the_role_of_its_method(api, admin, member):
    admin.CreateTheme(theme_id="t", theme=api.theme())
    reader = member("reader", "READER")
    nobody = member("nobody")
    editor = member("editor", "EDITOR@*")
    assert reader.names("ListThemes") == ["themes/t"]
    refusal = reader.refusal("CreateTheme", theme_id="u", theme=api.theme("B"))
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING")
    assert refusal.metadata == {"role": "EDITOR", "method": "plenary.v1.ThemeService/CreateTheme"}
    assert nobody.refusal("ListThemes").metadata["role"] == "READER"
    assert editor.CreateTheme(theme_id="u", theme=api.theme("B")).creator == "clients/editor"
    assert editor.refusal("PurgeThemes", filter="*").metadata["role"] == "ADMIN"
    assert editor.refusal("CreateSharingGroup").metadata["role"] == "OFFICER"
    for method in ("GetStoreStatus", "BackupRegistry", "ListClients", "CreateClient", "FollowStore"):
        assert editor.refusal(method).metadata["role"] == "ADMIN"


READS = re.compile("Get|List|BatchGet|Search|Explain|Export|Watch|Diff|Read|Trace|Render")


def lacks_role(client, method):
    """The role that a client lacks for a method; None if it lacks none."""
    descriptor = client.api.method(method)
    request = client.api.request(method)
    call = client.api.stub(client.channel, method)
    try:
        answer = call(iter([request]) if descriptor.client_streaming else request, timeout=CALL_SECONDS)
        if descriptor.server_streaming:
            # What goes on for ever is let in if it begins.
            answer.initial_metadata()
            next(answer, None)
            answer.cancel()
    except grpc.RpcError as error:
        refusal = Refusal(error)
        assert refusal.code is not grpc.StatusCode.UNAUTHENTICATED, method
        return refusal.metadata["role"] if refusal.reason == "ROLE_MISSING" else None
    return None


def test_every_method_takes_a_role_which_those_above_it_have_too(api, admin, member):
    lacking = {}
    for place, role in enumerate(ROLES):
        client = member(f"a-{role.lower()}", role if role == "ADMIN" else f"{role}@*")
        lacking[role] = {method: lack for method in api.methods() if (lack := lacks_role(client, method))}
        # It is told which, and those that have it lack nothing.
        assert all(ROLES.index(lack) > place for lack in lacking[role].values()), role
    for lower, higher in itertools.pairwise(ROLES):
        assert lacking[higher].items() <= lacking[lower].items()
        assert {lacking[lower][method] for method in lacking[lower].keys() - lacking[higher].keys()} <= {higher}
    assert lacking["ADMIN"] == {}
    # A reader reads whatever is not for administrators, and changes nothing. Its tokens, which it may change, are not
    # those of the client without a name that is asked for here.
    may = set(api.methods()) - lacking["READER"].keys()
    assert all(READS.match(method) for method in may)
    kept = {method: role for method, role in lacking["READER"].items() if READS.match(method)}
    proofs = {"GetTreeHead", "GetConsistencyProof", "ListAuditEntries", "ListAccessEntries", "ListClientElevations"}
    assert {method for method, role in kept.items() if role != "ADMIN"} == proofs
    assert {kept[method] for method in proofs} == {"OFFICER"}
    others = kept.keys() - proofs
    status = {"GetStoreStatus", "GetReplicationStatus", "GetInclusionProof", "GetAccessStatus"}
    assert all("Client" in method or method in status for method in others), others


def test_clients_are_for_administrators_wherever_one_looks(api, admin, member):
    admin.CreateTheme(theme_id="t", theme=api.theme())
    reader = member("reader", "READER")
    start = reader.ask_with_headers("ListThemes")[1]["plenary-revision"]
    admin.CreateClient(client_id="late", client=api.Client())
    admin.CreateTheme(theme_id="u", theme=api.theme("B"))
    seen = [change.resource for change in reader.ListChanges().changes]
    assert seen == ["themes/t", "themes/u"]
    assert [change.name for change in reader.DiffRegistry(from_revision=start).changes] == ["themes/u"]
    for client in ("clients/late", "clients/absent"):
        refusal = reader.refusal("DiffResource", name=client, from_revision=start)
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "RESOURCE_NOT_FOUND")
    assert admin.DiffResource(name="clients/late", from_revision=start).changes
    assert {record.WhichOneof("kind") for record in reader.export()} == {"theme"}
    assert reader.SearchResources(query="late").results == []


def test_heads_are_for_officers_and_proofs_hold_nothing_secret(api, admin, member):
    reader, officer = member("reader", "READER@*"), member("officer", "OFFICER@*")
    admin.CreateTheme(theme_id="t", theme=api.theme("A theme"))
    for method, fields in [
        ("GetTreeHead", {}), ("GetInclusionProof", {"name": "themes/t"}), ("GetConsistencyProof", {"first_tree_size": 0}),
    ]:
        assert reader.refusal(method, **fields).code == grpc.StatusCode.PERMISSION_DENIED
        admin.ask(method, **fields)
    # An officer is told the head of the last full hour, however much is written, and no place in the tree.
    head = officer.ask("GetTreeHead")
    admin.CreateTheme(theme_id="u", theme=api.theme("Another theme"))
    again = officer.ask("GetTreeHead")
    if again.sign_time == head.sign_time:
        assert again.checkpoint == head.checkpoint
    assert again.sign_time.seconds % 3600 == 0 and again.tree_size < admin.ask("GetTreeHead").tree_size
    assert officer.ask("GetConsistencyProof", first_tree_size=0).checkpoint
    assert officer.refusal("GetInclusionProof", name="themes/t").code == grpc.StatusCode.PERMISSION_DENIED
    # An administrator gets no digest of the tokens of a client.
    assert admin.ask("GetInclusionProof", name="themes/t").content
    proof = admin.ask("GetInclusionProof", name="clients/reader")
    assert proof.entry and not proof.content and not proof.salt


def test_rights_that_change_hold_at_once(api, admin, member):
    desk = member("desk", "READER")
    assert desk.refusal("CreateTheme", theme_id="t", theme=api.theme()).reason == "ROLE_MISSING"
    grants = api.Client(name="clients/desk", roles=[api.Client.Grant(role="EDITOR", scope="*")])
    admin.UpdateClient(client=grants, update_mask=field_mask_pb2.FieldMask(paths=["roles"]))
    until(lambda: attempt(desk, api), lambda done: done)
    admin.DeleteClient(name="clients/desk")
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.UNAUTHENTICATED)


def attempt(client, api):
    try:
        client.CreateTheme(theme_id="t", theme=api.theme())
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.PERMISSION_DENIED
        return False
    return True


def test_an_editor_changes_what_its_organization_has_originated(api, admin, member):
    two_organizations(api, admin)
    ours = member("ours", "EDITOR", organization="organizations/a")
    theirs = member("theirs", "EDITOR", organization="organizations/b")
    theme = ours.CreateTheme(theme_id="t", theme=api.theme())
    assert theme.originating_organization == "organizations/a"
    changed = api.Theme(name=theme.name, pref_label=api.text("Other"))
    mask = field_mask_pb2.FieldMask(paths=["pref_label"])
    refusal = theirs.refusal("UpdateTheme", theme=changed, update_mask=mask)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ORIGINATOR_ONLY")
    assert refusal.metadata["originator"] == "organizations/a"
    assert theirs.refusal("DeleteTheme", name=theme.name).reason == "ORIGINATOR_ONLY"
    assert theirs.refusal("UpdateTheme", theme=api.Theme(name="themes/absent")).reason == "RESOURCE_NOT_FOUND"
    assert ours.UpdateTheme(theme=changed, update_mask=mask).pref_label.values["en"] == "Other"


def test_no_way_of_writing_records_makes_an_administrator(api, admin, member):
    officer = member("officer", "OFFICER@*")
    client = api.Client(name="clients/mine", roles=[api.Client.Grant(role="ADMIN")])
    assert officer.refusal("CreateClient", client=client, client_id="mine").metadata["role"] == "ADMIN"
    assert officer.refusal("ApplyResources", records=[api.Record(client=client)]).metadata["role"] == "ADMIN"
    outcome = officer.import_records([api.Record(client=client)])
    assert not outcome.summary.applied
    assert Refusal.of_result(outcome.results[0]).reason == "ROLE_MISSING"
    assert officer.refusal("IssueClientToken", name="clients/admin").reason == "ROLE_MISSING"
    assert officer.refusal("RotateClientToken", name="clients/admin").reason == "ROLE_MISSING"
    assert [one.name for one in admin.ListClients().clients] == ["clients/admin", "clients/officer"]


# Tokens


def test_a_token_is_shown_once_and_kept_as_a_digest(api, admin, data, guarded):
    admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
    answer = admin.IssueClientToken(name="clients/desk")
    assert answer.token.startswith("plen_") and len(answer.token) == 64
    client = admin.GetClient(name="clients/desk")
    assert [token.token_id for token in client.tokens] == [answer.token_id]
    assert not client.token_digests
    versions = [version.snapshot for version in admin.ListClientRevisions(parent="clients/desk").client_revisions]
    for seen in (client, *admin.ListClients().clients, *versions):
        assert not seen.token_digests and answer.token not in str(seen)
    guarded[1].stop()
    for file in data.rglob("*"):
        assert not file.is_file() or answer.token.encode() not in file.read_bytes(), file


def test_a_token_expires(api, admin, connect):
    admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
    soon = timestamp_pb2.Timestamp(seconds=int(time.time()) + 3)
    desk = connect(admin.IssueClientToken(name="clients/desk", expire_time=soon).token)
    with watching(api, desk) as end:
        assert code_of(desk) is grpc.StatusCode.OK
        refusal = Refusal(end.get(timeout=CALL_SECONDS))
        assert refusal.reason == "CREDENTIALS_INVALID"
        assert soon.seconds <= time.time() <= soon.seconds + REVOKED_SECONDS_MAX
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED


def test_a_token_that_is_taken_back_ends_calls_and_streams_within_a_second(api, admin, connect):
    admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
    first, second = (admin.IssueClientToken(name="clients/desk") for _ in range(2))
    gone, stays = connect(first.token), connect(second.token)
    with watching(api, gone) as end, watching(api, stays) as other:
        begun = time.monotonic()
        admin.RevokeClientToken(name="clients/desk", token_id=first.token_id)
        assert code_of(gone) is grpc.StatusCode.UNAUTHENTICATED
        assert Refusal(end.get(timeout=CALL_SECONDS)).reason == "CREDENTIALS_INVALID"
        assert time.monotonic() - begun <= REVOKED_SECONDS_MAX
        assert code_of(stays) is grpc.StatusCode.OK and other.empty()


def test_a_stream_ends_with_the_role_that_it_takes(api, admin, member):
    desk = member("desk", "READER")
    with watching(api, desk) as end:
        admin.UpdateClient(client=api.Client(name="clients/desk"), update_mask=field_mask_pb2.FieldMask(paths=["roles"]))
        assert Refusal(end.get(timeout=REVOKED_SECONDS_MAX)).reason == "ROLE_MISSING"


def test_a_rotation_under_load_fails_no_call(api, admin, connect):
    admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
    current = [connect(admin.IssueClientToken(name="clients/desk").token)]
    stopped = threading.Event()
    failures = []
    count = [0]

    def ask():
        while not stopped.is_set():
            try:
                current[0].ListThemes()
                count[0] += 1
            except grpc.RpcError as error:
                failures.append(error)
                return

    callers = [threading.Thread(target=ask) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(5):
        answer = current[0].RotateClientToken(name="clients/desk", overlap=duration_pb2.Duration(seconds=60))
        current[0] = connect(answer.token)
        seen = count[0]
        until(lambda: count[0], lambda now: now > seen + 8)
    stopped.set()
    for caller in callers:
        caller.join()
    assert not failures
    assert len(admin.GetClient(name="clients/desk").tokens) == 6


def test_tokens_outlive_the_daemon(api, start, data, admin_token):
    for _ in range(2):
        with plenaryd(*REQUIRED, data=data) as daemon, RegistryClient(api, daemon.address, token=admin_token) as client:
            client.ListClients()


# Where others can listen, or look


def test_tokens_are_not_taken_in_clear_from_other_machines(tmp_path):
    done = run("plenaryd", "validate", "--data", ":memory:", "--listen", "0.0.0.0:0", *REQUIRED)
    assert done.returncode == 2
    assert "without TLS" in done.stderr and "--insecure" in done.stderr
    server = Authority(tmp_path).server()
    done = run(
        "plenaryd", "validate", "--data", ":memory:", "--listen", "0.0.0.0:0", *REQUIRED,
        "--set", f"tls.certificate_file={server.certificate_file}", "--set", f"tls.key_file={server.key_file}",
    )
    assert done.returncode == 0, done.stderr


def test_no_token_gets_into_logs_errors_or_the_list_of_processes(api, start, data, tmp_path, admin_token):
    _, daemon = start(*REQUIRED, "--log-level", "trace", data=data)
    secrets = [admin_token, FOREIGN]
    texts = []
    with RegistryClient(api, daemon.address, token=admin_token) as admin:
        admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
        secrets.append(admin.IssueClientToken(name="clients/desk").token)
        secrets.append(admin.RotateClientToken(name="clients/desk").token)
        texts.append(str(admin.refusal("GetTheme", name=f"themes/{admin_token}").error))
    for token in secrets:
        with RegistryClient(api, daemon.address, token=token) as client:
            texts += [str(client.refusal(method).error) for method in ("CreateTheme", "GetTheme", "GetDialogue")]
        done = cli(daemon, "list", "dialogues", "--filter", "nonsense=1", token=token)
        texts.append(done.stdout + done.stderr)
    broken = tmp_path / "token"
    broken.write_text("hunter2 is the word\n")
    broken.chmod(0o600)
    done = cli(daemon, "list", "themes", "--token-file", broken)
    assert done.returncode == 2 and str(broken) in done.stderr and "hunter2" not in done.stderr
    command_line = Path(f"/proc/{daemon.pid}/cmdline").read_text()
    for secret in secrets:
        # What the caller itself sent as a name comes back to it, and to nobody else.
        for text in [daemon.log, command_line, *texts[1:]]:
            assert secret not in text
            assert secret[5:57] not in text
    daemon.wait_for_log("call.finished")


# The command line


def test_a_registry_without_an_administrator_says_so(start, tmp_path):
    client, daemon = start(*REQUIRED, data=tmp_path / "empty")
    assert client.refusal("ListThemes").reason == "CREDENTIALS_MISSING"
    daemon.wait_for_log("auth.administrator.missing", "plenaryd init")


def test_the_first_administrator_is_made_once(data, admin_token):
    again = run("plenaryd", "init", "--data", data)
    assert again.returncode == 1
    assert "clients/admin is an administrator already" in again.stderr and "--force" in again.stderr
    forced = run("plenaryd", "init", "--data", data, "--force", "--output", "json")
    assert forced.returncode == 0
    assert json.loads(forced.stdout)["token"] != admin_token
    with plenaryd(*REQUIRED, data=data) as daemon:
        assert cli(daemon, "list", "clients", token=admin_token).returncode == 4
        assert cli(daemon, "list", "clients", token=json.loads(forced.stdout)["token"]).returncode == 0


def test_init_writes_a_file_for_its_user_alone(data, tmp_path):
    file = tmp_path / "admin.token"
    done = run("plenaryd", "init", "--data", data, "--token-file", file)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = file.read_text().strip()
    assert token.startswith("plen_") and token not in done.stdout
    done = run("plenaryd", "init", "--data", tmp_path / "other", "--token-file", file)
    assert done.returncode == 1 and "is there already" in done.stderr
    with plenaryd(*REQUIRED, data=data) as daemon:
        done = cli(daemon, "list", "clients", "--token-file", file, "--output", "name")
        assert done.stdout == "clients/admin\n"
        env = {"PLENARY_TOKEN_FILE": str(file)}
        assert run("plenary", "list", "clients", "--server", daemon.address, env=env).returncode == 0


def test_init_does_not_touch_a_store_that_is_in_use(data, guarded):
    done = run("plenaryd", "init", "--data", data)
    assert done.returncode == 1 and "in use" in done.stderr


def test_clients_are_made_and_their_tokens_given_and_taken_back(api, admin, guarded, admin_token, tmp_path):
    _, daemon = guarded
    two_organizations(api, admin)
    done = cli(
        daemon, "client", "create", "desk", "--organization", "a", "--role", "READER", "--role", "EDITOR@organizations/b",
        token=admin_token,
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.splitlines()[-1]
    assert done.stdout.startswith("created clients/desk")
    client = admin.GetClient(name="clients/desk")
    assert client.organization == "organizations/a"
    assert [(grant.role, grant.scope) for grant in client.roles] == [
        (api.Client.Grant.READER, ""), (api.Client.Grant.EDITOR, "organizations/b")]
    assert cli(daemon, "list", "organizations", token=first).returncode == 0
    # It renews its token itself.
    file = tmp_path / "desk.token"
    done = cli(daemon, "client", "rotate", "desk", "--overlap", "10m", "--token-out", file, token=first)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = file.read_text().strip()
    assert second not in done.stdout
    done = cli(daemon, "client", "token", "desk", "--days", "7", "--output", "json", token=admin_token)
    third = json.loads(done.stdout)
    for token in (first, second, third["token"]):
        assert cli(daemon, "list", "organizations", token=token).returncode == 0
    done = cli(daemon, "client", "revoke", "desk", "--token-id", third["tokenId"], token=admin_token)
    assert done.returncode == 0, done.stderr
    assert cli(daemon, "list", "organizations", token=third["token"]).returncode == 4
    assert cli(daemon, "client", "revoke", "desk", token=admin_token).returncode == 2
    assert cli(daemon, "client", "revoke", "desk", "--all", token=admin_token).returncode == 0
    done = cli(daemon, "list", "organizations", token=second)
    assert done.returncode == 4 and "CREDENTIALS_INVALID" in done.stderr
    done = cli(daemon, "list", "organizations")
    assert done.returncode == 4 and "--token-file" in done.stderr


def test_a_token_is_not_sent_in_clear_to_another_machine(tmp_path):
    done = run("plenary", "list", "themes", "--server", "registry.example:7443", env={"PLENARY_TOKEN": FOREIGN})
    assert done.returncode == 2
    assert "without TLS" in done.stderr and FOREIGN not in done.stderr


def test_a_follower_shows_its_leader_a_token(api, start, guarded, admin, admin_token, tmp_path):
    _, daemon = guarded
    admin.CreateTheme(theme_id="t", theme=api.theme())
    file = tmp_path / "follower.token"
    file.write_text(admin_token)
    os.chmod(file, 0o600)
    options = ["--follow", daemon.address, "--set", f"follow.token_file={file}", *REQUIRED]
    _, follower = start(*options, data=tmp_path / "copy")
    with RegistryClient(api, follower.address, token=admin_token) as client:
        until(lambda: client.names("ListThemes"), lambda names: names == ["themes/t"])
        # Who is let in there follows too.
        admin.CreateClient(client_id="desk", client=api.Client(roles=[api.Client.Grant(role="READER")]))
        token = admin.IssueClientToken(name="clients/desk").token
        with RegistryClient(api, follower.address, token=token) as desk:
            until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)


def test_a_follower_sends_no_token_in_clear_to_another_machine(tmp_path):
    token = tmp_path / "follower.token"
    token.write_text(FOREIGN)
    token.chmod(0o600)
    options = ["--follow", "192.0.2.1:7443", "--data", tmp_path / "copy", "--set", f"follow.token_file={token}"]
    done = run("plenaryd", "validate", *options)
    assert done.returncode == 2 and "without TLS" in done.stderr and FOREIGN not in done.stderr
    assert run("plenaryd", "run", "--listen", "127.0.0.1:0", *options).returncode == 2
    for count, code in [(4096, 0), (4097, 1)]:
        token.write_text("x" * count)
        done = run("plenaryd", "validate", *options[2:], "--follow", "127.0.0.1:7443")
        assert done.returncode == code, done.stderr


def test_what_a_token_is_asked_for_has_limits(guarded, admin_token, tmp_path):
    _, daemon = guarded
    for days in ("0", "367", "9223372036854775807"):
        refused = cli(daemon, "client", "token", "admin", "--days", days, token=admin_token)
        assert refused.returncode == 2 and "from 1 to 366" in refused.stderr
    assert cli(daemon, "client", "token", "admin", "--days", "366", token=admin_token).returncode == 0
    file = tmp_path / "token"
    file.touch(mode=0o600)
    for count, code in [(64 << 10, 0), ((64 << 10) + 1, 7)]:
        file.write_text(admin_token + "\n" * (count - len(admin_token)))
        assert cli(daemon, "list", "themes", "--token-file", file).returncode == code


def test_the_binaries_name_no_option_that_takes_a_token():
    for program, arguments in (("plenary", ["--help"]), ("plenaryd", ["run", "--help"])):
        assert Path(binary(program)).exists()
        assert "--token " not in run(program, *arguments).stdout
