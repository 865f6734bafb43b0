"""How much is let in: what one client may ask for, what all may, and what is answered in any case; modes of files."""

import contextlib
from pathlib import Path

import grpc
import pytest
from google.protobuf import field_mask_pb2
from google.rpc import error_details_pb2

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, Requests, until
from plenary_testing.certificates import Authority
from plenary_testing.identities import code_of, two_organizations
from plenary_testing.registry import Refusal, RegistryClient

LIST = "/plenary.v1.ThemeService/ListThemes"
REQUIRED = ("--set", "auth.required=true")


@contextlib.contextmanager
def limited(api, start, data, token, *settings):
    """A daemon with limits, and clients of it: that of the first administrator, and two more."""
    options = [option for setting in settings for option in ("--set", setting)]
    _, daemon = start(*REQUIRED, *options, data=data)
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(RegistryClient(api, daemon.address, token=token))]
        for name in ("one", "two"):
            clients[0].CreateClient(client_id=name, client=api.Client(roles=[api.Client.Grant(role="READER")]))
            token = clients[0].IssueClientToken(name=f"clients/{name}").token
            clients.append(stack.enter_context(RegistryClient(api, daemon.address, token=token)))
        yield daemon, *clients


@contextlib.contextmanager
def under_way(api, client, count):
    """Calls that have begun and whose request does not come."""
    request = api.request("ListThemes")
    call = client.channel.stream_unary(LIST, type(request).SerializeToString, api.ListThemesResponse.FromString)
    requests = [Requests() for _ in range(count)]
    calls = [call.future(iter(one), timeout=CALL_SECONDS) for one in requests]
    try:
        yield
    finally:
        for one in requests:
            one.send(request)
            one.finish()
        for one in calls:
            one.exception()


@contextlib.contextmanager
def watching(api, client):
    call = api.stub(client.channel, "WatchChanges")(api.request("WatchChanges", from_beginning=True))
    assert next(call) is not None
    try:
        yield
    finally:
        call.cancel()


def refused(client, method="ListThemes", **fields):
    """Why a call is refused; None if it is not."""
    try:
        client.ask(method, **fields)
    except grpc.RpcError as error:
        return Refusal(error)
    return None


def is_let_in(client):
    return until(lambda: refused(client), lambda refusal: refusal is None) is None


def opens(api, client):
    try:
        with watching(api, client):
            return True
    except grpc.RpcError as error:
        assert Refusal(error).reason == "QUOTA_EXCEEDED"
        return False


def check_quota(refusal, limit, most, client):
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
    assert refusal.metadata == {"limit": limit, "max": str(most)}
    assert refusal.detail(error_details_pb2.RetryInfo).retry_delay.seconds == 1
    [violation] = refusal.detail(error_details_pb2.QuotaFailure).violations
    assert violation.subject == client and limit in violation.description


def test_a_client_that_calls_too_often_is_told_to_wait_and_others_are_not(api, start, data, admin_token):
    limits = ("limits.calls_per_second=1", "limits.calls_burst=20")
    with limited(api, start, data, admin_token, *limits) as (_, admin, one, two):
        for _ in range(20):
            assert code_of(one) is grpc.StatusCode.OK
        # Faster than one a second, however slow the machine is.
        refusal = next(filter(None, (refused(one) for _ in range(200))))
        check_quota(refusal, "limits.calls_per_second", 1, "clients/one")
        assert code_of(two) is grpc.StatusCode.OK
        next(filter(None, (refused(admin) for _ in range(200))))
        # Whoever looks after the daemon may go on.
        for _ in range(30):
            admin.GetStoreStatus()
        assert is_let_in(one)


def test_a_client_has_so_many_calls_under_way_and_no_more(api, start, data, admin_token):
    with limited(api, start, data, admin_token, "limits.concurrent_calls_max=3") as (_, _, one, two):
        with under_way(api, one, 2):
            assert code_of(one) is grpc.StatusCode.OK
            with under_way(api, one, 1):
                refusal = until(lambda: refused(one), lambda refusal: refusal is not None)
                check_quota(refusal, "limits.concurrent_calls_max", 3, "clients/one")
                assert code_of(two) is grpc.StatusCode.OK
                assert opens(api, one)
        assert is_let_in(one)


def test_a_client_has_so_many_streams_open_and_no_more(api, start, data, admin_token):
    with limited(api, start, data, admin_token, "limits.concurrent_streams_max=2") as (_, _, one, two):
        with watching(api, one):
            with watching(api, one):
                check_quota(one.refusal("WatchChanges"), "limits.concurrent_streams_max", 2, "clients/one")
                assert code_of(one) is grpc.StatusCode.OK
                assert opens(api, two)
            until(lambda: opens(api, one), lambda done: done)


@pytest.mark.parametrize("asks", [False, True])
def test_beyond_what_it_can_do_the_daemon_refuses_work_and_stays_looked_after(
    api, stubs, start, data, admin_token, asks
):
    client, daemon = start(*(REQUIRED if asks else ()), "--set", "limits.calls_under_way_max=2", data=data)
    with contextlib.ExitStack() as stack:
        if asks:
            client = stack.enter_context(RegistryClient(api, daemon.address, token=admin_token))
        with under_way(api, client, 1):
            assert code_of(client) is grpc.StatusCode.OK
            with under_way(api, client, 1):
                refusal = until(lambda: refused(client), lambda refusal: refusal is not None)
                assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "OVERLOADED")
                assert refusal.metadata == {"limit": "limits.calls_under_way_max", "max": "2"}
                assert refusal.detail(error_details_pb2.RetryInfo).retry_delay.seconds == 1
                health, services = stubs["grpc/health/v1/health.proto"]
                answer = services.HealthStub(client.channel).Check(health.HealthCheckRequest(), timeout=CALL_SECONDS)
                assert answer.status == health.HealthCheckResponse.SERVING
                assert client.GetStoreStatus() is not None
                if asks:
                    # Whoever nobody knows is not answered for that.
                    with RegistryClient(api, daemon.address, shares_connection=False) as nobody:
                        assert nobody.refusal("GetStoreStatus").reason == "CREDENTIALS_MISSING"
        assert is_let_in(client)


def test_calls_that_are_refused_or_given_up_leave_no_trace_in_the_counts(api, start, data, admin_token):
    limits = ("limits.concurrent_calls_max=2", "limits.concurrent_streams_max=2", "limits.calls_under_way_max=3")
    with limited(api, start, data, admin_token, *limits) as (daemon, _, one, _):
        with RegistryClient(api, daemon.address, shares_connection=False) as nobody:
            for _ in range(5):
                assert nobody.refusal("ListThemes").reason == "CREDENTIALS_MISSING"
                assert one.refusal("CreateTheme").reason == "ROLE_MISSING"
                assert one.refusal("GetTheme", name="themes/absent").reason == "RESOURCE_NOT_FOUND"
                assert nobody.refusal("WatchChanges").reason == "CREDENTIALS_MISSING"
        request = api.request("ListThemes")
        call = one.channel.stream_unary(LIST, type(request).SerializeToString, api.ListThemesResponse.FromString)
        for _ in range(5):
            call.future(iter(Requests()), timeout=CALL_SECONDS).cancel()
            assert is_let_in(one)
        with under_way(api, one, 1):
            assert is_let_in(one)
        for _ in range(5):
            until(lambda: opens(api, one), lambda done: done)


# Files


@pytest.mark.parametrize(("mode", "is_good"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False), (0o620, False)])
def test_a_key_that_others_can_read_is_refused(tmp_path, mode, is_good):
    server = Authority(tmp_path).server()
    server.key_file.chmod(mode)
    done = run(
        "plenaryd", "validate", "--data", ":memory:", "--set", f"tls.certificate_file={server.certificate_file}",
        "--set", f"tls.key_file={server.key_file}",
    )
    assert done.returncode == (0 if is_good else 1), done.stderr
    assert is_good or f"chmod 600 {server.key_file}" in done.stderr and oct(mode)[2:] in done.stderr


def test_a_token_that_others_can_read_is_refused(start, data, admin_token, tmp_path):
    _, daemon = start(*REQUIRED, data=data)
    file = tmp_path / "admin.token"
    file.write_text(admin_token)
    for mode, is_good in [(0o600, True), (0o644, False), (0o640, False)]:
        file.chmod(mode)
        done = run("plenary", "list", "themes", "--server", daemon.address, "--token-file", file)
        assert (done.returncode == 0) is is_good and admin_token not in done.stderr, done.stderr
        assert is_good or f"chmod 600 {file}" in done.stderr
        follow = ("--follow", daemon.address, "--data", tmp_path / "copy", "--set", f"follow.token_file={file}")
        done = run("plenaryd", "validate", *follow)
        assert (done.returncode == 0) is is_good, done.stderr
        assert is_good or f"chmod 600 {file}" in done.stderr


@pytest.mark.parametrize(("mode", "is_good"), [(0o644, True), (0o600, True), (0o664, False), (0o646, False)])
def test_settings_that_others_can_change_are_refused(tmp_path, mode, is_good):
    file = tmp_path / "plenaryd.yaml"
    file.write_text("log:\n  level: info\n")
    file.chmod(mode)
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == (0 if is_good else 2), done.stderr
    assert is_good or f"chmod go-w {file}" in done.stderr


def test_a_daemon_leaves_no_core_file(start):
    _, daemon = start()
    [line] = [line for line in Path(f"/proc/{daemon.pid}/limits").read_text().splitlines() if "core file" in line]
    assert line.split()[-3:-1] == ["0", "0"]


@contextlib.contextmanager
def organizations(api, start, data, token, *settings):
    """A daemon with limits: its administrator, two clients of one organization, and one of another."""
    options = [option for setting in settings for option in ("--set", setting)]
    _, daemon = start(*REQUIRED, *options, data=data)
    with contextlib.ExitStack() as stack:
        admin = stack.enter_context(RegistryClient(api, daemon.address, token=token))
        two_organizations(api, admin)
        clients = []
        for name, organization in (("one", "a"), ("two", "a"), ("other", "b")):
            client = api.Client(
                organization=f"organizations/{organization}", roles=[api.Client.Grant(role="READER", scope="*")])
            admin.CreateClient(client_id=name, client=client)
            own = admin.IssueClientToken(name=f"clients/{name}").token
            clients.append(stack.enter_context(RegistryClient(api, daemon.address, token=own)))
        yield daemon, admin, *clients


def test_the_clients_of_an_organization_share_what_is_for_all_of_them(api, start, data, admin_token):
    settings = ("limits.organization_concurrent_calls_max=3", "limits.organization_concurrent_streams_max=2")
    with organizations(api, start, data, admin_token, *settings) as (daemon, admin, one, two, other):
        with under_way(api, one, 2), under_way(api, two, 1):
            use = until(
                lambda: admin.GetAccessStatus().organizations, lambda found: [use.call_count for use in found] == [3])
            assert use[0].organization == "organizations/a"
            for client in (one, two):
                check_quota(
                    refused(client), "limits.organization_concurrent_calls_max", 3, "organizations/a")
            # Others have their own, and who acts for none has none of these.
            assert refused(other) is None and refused(admin) is None
            told = run("plenary", "status", "--server", daemon.address, env={"PLENARY_TOKEN": admin_token})
            assert "organizations/a" in told.stdout and "3 calls, 0 streams, 2 refused" in told.stdout, told.stdout
        assert is_let_in(two)
        with watching(api, one), watching(api, two):
            assert not opens(api, one) and not opens(api, two) and opens(api, other)
        until(lambda: opens(api, two), lambda is_open: is_open)


def test_the_rate_of_an_organization_is_that_of_all_its_clients(api, start, data, admin_token):
    settings = ("limits.organization_calls_per_second=1", "limits.organization_calls_burst=4")
    with organizations(api, start, data, admin_token, *settings) as (_, admin, one, two, other):
        refusals = [refused(client) for client in (one, two) * 6]
        assert refusals[:4] == [None] * 4
        check_quota(
            next(refusal for refusal in refusals if refusal), "limits.organization_calls_per_second", 1, "organizations/a")
        assert refused(other) is None and refused(admin) is None
        assert is_let_in(one)


def test_a_client_that_changes_its_organization_counts_there(api, start, data, admin_token):
    with organizations(api, start, data, admin_token, "limits.organization_concurrent_streams_max=1") as (
        _, admin, one, two, other
    ):
        mask = field_mask_pb2.FieldMask(paths=["organization"])
        admin.UpdateClient(client=api.Client(name="clients/two", organization="organizations/b"), update_mask=mask)
        with watching(api, one):
            assert not opens(api, one)
            with watching(api, two):
                assert not opens(api, other)


def test_an_organization_has_so_many_records_and_no_more(api, start, data, admin_token):
    settings = ("limits.organization_records_max=3",)
    with organizations(api, start, data, admin_token, *settings) as (daemon, admin, *_):
        grants = [api.Client.Grant(role="EDITOR", scope="*")]
        admin.CreateClient(client_id="editor", client=api.Client(organization="organizations/a", roles=grants))
        token = admin.IssueClientToken(name="clients/editor").token
        with RegistryClient(api, daemon.address, token=token) as editor:
            kept = [editor.CreateTheme(theme_id=f"t{number}", theme=api.theme(f"T{number}")) for number in range(2)]
            assert kept[0].originating_organization == "organizations/a"
            check_records(refused(editor, "BatchCreateThemes", requests=creations(api, "x", "y")))
            check_records(refused(editor, "BatchCreateThemes", requests=creations(api, "x", "y"), validate_only=True))
            # One is the last that there is room for, as a check alone says too.
            editor.CreateTheme(theme_id="t2", theme=api.theme("T2"), validate_only=True)
            kept.append(editor.CreateTheme(theme_id="t2", theme=api.theme("T2")))
            for check in (True, False):
                check_records(refused(editor, "CreateTheme", theme_id="t3", theme=api.theme("T3"), validate_only=check))
            own = api.theme("T4", name="themes/t4", originating_organization="organizations/a")
            for dry_run in (True, False):
                with pytest.raises(grpc.RpcError) as imported:
                    admin.import_records([api.Record(theme=own)], dry_run=dry_run)
                check_records(Refusal(imported.value))
            told = run(
                "plenary", "create", "theme", "t3", "--set", "pref_label=T3", "--set", "scheme=USE", "--server",
                daemon.address, env={"PLENARY_TOKEN": token})
            assert told.returncode == 1 and "limits.organization_records_max" in told.stderr, told
            # What is there can be changed; what is deleted is there until it is purged.
            editor.UpdateTheme(theme=api.theme("T0 anew", name=kept[0].name))
            editor.DeleteTheme(name=kept[1].name)
            check_records(refused(editor, "CreateTheme", theme_id="t3", theme=api.theme("T3")))
            editor.UndeleteTheme(name=kept[1].name)
            # Others have room of their own, and what is nobody's is not counted.
            for number in range(4):
                admin.CreateTheme(theme_id=f"n{number}", theme=api.theme(f"N{number}"))
            of_b = [api.theme(f"B{number}", originating_organization="organizations/b") for number in range(4)]
            for number in range(3):
                admin.CreateTheme(theme_id=f"b{number}", theme=of_b[number])
            check_records(refused(admin, "CreateTheme", theme_id="b3", theme=of_b[3]), "organizations/b")
            editor.DeleteTheme(name=kept[1].name)
            admin.PurgeThemes(filter=f'name="{kept[1].name}"', force=True)
            assert refused(editor, "CreateTheme", theme_id="t3", theme=api.theme("T3")) is None


def creations(api, *ids):
    return [api.CreateThemeRequest(theme_id=name, theme=api.theme(name)) for name in ids]


def check_records(refusal, organization="organizations/a"):
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "LIMIT_REACHED")
    limit = {"limit": "limits.organization_records_max", "max": "3"}
    assert {key: refusal.metadata[key] for key in limit} == limit
    [violation] = refusal.detail(error_details_pb2.QuotaFailure).violations
    assert organization in violation.description and "purge" in violation.description
