"""Who calls, by the certificate that it shows: authorities that speak for organizations, and certificates that end."""

import contextlib
import signal
import time

import grpc
import pytest
from cryptography import x509
from google.protobuf import field_mask_pb2

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import CLIENT, Authority
from plenary_testing.identities import REVOKED_SECONDS_MAX, code_of, two_organizations, watching
from plenary_testing.registry import RegistryClient

URI = "spiffe://a.example/desk"


@pytest.fixture
def authorities(tmp_path):
    """The authorities of the agencies, and that of the registry's server."""
    return {name: Authority(tmp_path / name, name) for name in ("a", "b", "house", "root")}


def settings(authorities, *names):
    """The options of a daemon that lets authorities speak for organizations."""
    server = authorities["root"].server()
    bindings = ", ".join(
        f"'{'*' if name == 'house' else f'organizations/{name}'}={authorities[name].certificate_file}'" for name in names
    )
    return (
        f"auth:\n  required: true\ntls:\n  certificate_file: {server.certificate_file}\n  key_file: {server.key_file}\n"
        f"  client_certificates: optional\n  client_authorities: [{bindings}]\n"
    )


@pytest.fixture
def guarded(start, data, admin_token, authorities, tmp_path):
    """A daemon that knows clients by their certificates."""
    file = tmp_path / "plenaryd.yaml"
    file.write_text(settings(authorities, "a", "b", "house"))
    return start("--config", file, "--log-level", "notice", data=data)[1]


@pytest.fixture
def connect(api, guarded, authorities):
    """Makes clients that show a certificate, or send a token, or both: `connect(issued, token=…)`."""
    with contextlib.ExitStack() as stack:

        def one(issued=None, token=None):
            shown = (issued.key, issued.certificate) if issued else (None, None)
            credentials = grpc.ssl_channel_credentials(authorities["root"].certificate, *shown)
            return stack.enter_context(RegistryClient(api, guarded.address, token=token, credentials=credentials))

        yield one


@pytest.fixture
def admin(api, connect, admin_token):
    client = connect(token=admin_token)
    two_organizations(api, client)
    return client


def add_client(api, admin, name, *identities, organization="organizations/a", role="READER"):
    grant = api.Client.Grant(role=role, scope="" if role == "ADMIN" else "*")
    admin.CreateClient(
        client_id=name,
        client=api.Client(organization=organization, roles=[grant], certificate_identities=identities),
    )


def issue(authority, uri=URI, **options):
    names = [x509.UniformResourceIdentifier(uri)] if uri else None
    return authority.issue("desk", names=names, purpose=CLIENT, **options)


def refusal_of(client):
    refusal = client.refusal("ListThemes")
    assert refusal.code == grpc.StatusCode.UNAUTHENTICATED
    return refusal.reason


def test_a_certificate_is_that_of_the_client_with_its_uri_or_subject(api, admin, connect, authorities):
    add_client(api, admin, "desk", URI, role="EDITOR")
    add_client(api, admin, "table", "CN=desk", role="EDITOR")
    by_uri = connect(issue(authorities["a"], uri="spiffe://a.example/desk"))
    # The names of two clients would be those of neither.
    assert refusal_of(by_uri) == "CREDENTIALS_INVALID"
    admin.DeleteClient(name="clients/table")
    until(lambda: code_of(by_uri), lambda code: code is grpc.StatusCode.OK)
    assert by_uri.CreateTheme(theme_id="t", theme=api.theme()).creator == "clients/desk"
    add_client(api, admin, "other", "CN=desk,O=A", role="EDITOR")
    name = x509.Name([
        x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "A"), x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk"),
    ])
    by_subject = connect(issue(authorities["a"], uri=None, subject=name))
    until(lambda: code_of(by_subject), lambda code: code is grpc.StatusCode.OK)
    assert by_subject.CreateTheme(theme_id="u", theme=api.theme("B")).creator == "clients/other"
    assert by_subject.refusal("ListClients").reason == "ROLE_MISSING"


def test_one_agencys_authority_cannot_make_anothers_client(api, admin, connect, authorities):
    add_client(api, admin, "desk", URI)
    add_client(api, admin, "root", "spiffe://house/root", organization="", role="ADMIN")
    good = connect(issue(authorities["a"]))
    until(lambda: code_of(good), lambda code: code is grpc.StatusCode.OK)
    assert refusal_of(connect(issue(authorities["b"]))) == "CREDENTIALS_INVALID"
    for name in ("a", "b"):
        assert refusal_of(connect(issue(authorities[name], uri="spiffe://house/root"))) == "CREDENTIALS_INVALID"
    root = connect(issue(authorities["house"], uri="spiffe://house/root"))
    assert root.GetStoreStatus() is not None
    assert code_of(connect(issue(authorities["house"]))) is grpc.StatusCode.OK
    # A name that nobody has is refused with the same words as a forged one.
    nobody = connect(issue(authorities["a"], uri="spiffe://a.example/nobody")).refusal("ListThemes")
    assert nobody.message == connect(issue(authorities["b"])).refusal("ListThemes").message


def test_an_authority_that_the_daemon_does_not_know_gets_no_connection(admin, connect, tmp_path):
    stranger = Authority(tmp_path / "stranger", "a")
    assert code_of(connect(issue(stranger))) is grpc.StatusCode.UNAVAILABLE


def test_without_a_certificate_and_a_token_nobody_is_known(connect):
    assert refusal_of(connect()) == "CREDENTIALS_MISSING"


def test_a_token_counts_and_the_certificate_beside_it_does_not(api, admin, connect, authorities):
    add_client(api, admin, "desk", URI, role="EDITOR")
    add_client(api, admin, "other", role="EDITOR")
    token = admin.IssueClientToken(name="clients/other").token
    assert connect(issue(authorities["a"]), token).CreateTheme(theme_id="t", theme=api.theme()).creator == "clients/other"
    # A token that is not good is not made good by the certificate.
    admin.RevokeClientToken(name="clients/other", token_id="*")
    assert refusal_of(connect(issue(authorities["a"]), token)) == "CREDENTIALS_INVALID"
    # And one is enough where the certificate says nothing.
    admin_token = admin.IssueClientToken(name="clients/admin").token
    assert code_of(connect(issue(authorities["b"], uri="urn:nobody"), admin_token)) is grpc.StatusCode.OK


def test_a_certificate_that_ends_ends_calls_and_streams(api, admin, connect, authorities):
    add_client(api, admin, "desk", URI)
    issued = issue(authorities["a"], days=0, seconds=4)
    end_time = issued.x509.not_valid_after_utc.timestamp()
    desk = connect(issued)
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    with watching(api, desk) as end:
        error = end.get(timeout=CALL_SECONDS)
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert end_time <= time.time() <= end_time + REVOKED_SECONDS_MAX
    # The connection is open, and of no use.
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("end_it", ["identity", "client", "authority"])
def test_what_is_taken_back_ends_calls_and_streams_within_a_second(
    api, admin, connect, authorities, guarded, tmp_path, end_it
):
    add_client(api, admin, "desk", URI)
    add_client(api, admin, "stays", "urn:stays", organization="organizations/b")
    desk, stays = connect(issue(authorities["a"])), connect(issue(authorities["b"], uri="urn:stays"))
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    with watching(api, desk) as end, watching(api, stays) as other:
        begun = time.monotonic()
        if end_it == "identity":
            mask = field_mask_pb2.FieldMask(paths=["certificate_identities"])
            admin.UpdateClient(client=api.Client(name="clients/desk"), update_mask=mask)
        elif end_it == "client":
            admin.DeleteClient(name="clients/desk")
        else:
            (tmp_path / "plenaryd.yaml").write_text(settings(authorities, "b"))
            guarded.signal(signal.SIGHUP)
        error = end.get(timeout=CALL_SECONDS)
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert time.monotonic() - begun <= REVOKED_SECONDS_MAX
        assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED
        assert code_of(stays) is grpc.StatusCode.OK and other.empty()


def test_an_authority_that_is_added_is_known_without_a_restart(api, admin, connect, authorities, guarded, tmp_path):
    late = Authority(tmp_path / "late", "late")
    add_client(api, admin, "desk", URI)
    assert code_of(connect(issue(late))) is grpc.StatusCode.UNAVAILABLE
    file = tmp_path / "plenaryd.yaml"
    file.write_text(file.read_text().replace("'*=", f"'organizations/a={late.certificate_file}', '*="))
    guarded.signal(signal.SIGHUP)
    until(lambda: guarded.log, lambda log: "configuration.reloaded" in log)
    assert code_of(connect(issue(late))) is grpc.StatusCode.OK


def test_the_command_line_makes_a_client_without_a_token(api, admin, connect, authorities, guarded, admin_token):
    ca = ["--server", guarded.address, "--tls-ca", authorities["root"].certificate_file]
    made = run(
        "plenary", "client", "create", "desk", "--organization", "a", "--role", "READER", "--certificate", URI,
        "--certificate", "CN=desk,O=A", "--no-token", *ca, env={"PLENARY_TOKEN": admin_token},
    )
    assert made.returncode == 0 and "no token" in made.stdout, made.stderr
    client = admin.GetClient(name="clients/desk")
    assert list(client.certificate_identities) == [URI, "CN=desk,O=A"] and not client.tokens
    issued = issue(authorities["a"])
    own = ["--tls-cert", issued.certificate_file, "--tls-key", issued.key_file]
    assert run("plenary", "list", "themes", *ca, *own).returncode == 0
    taken = run("plenary", "client", "create", "second", "--organization", "a", "--certificate", URI, "--no-token", *ca,
                env={"PLENARY_TOKEN": admin_token})
    assert taken.returncode != 0 and "CERTIFICATE_TAKEN" in taken.stderr
    done = run("plenary", "update", "client", "desk", "--clear", "certificate_identities", *ca,
               env={"PLENARY_TOKEN": admin_token})
    assert done.returncode == 0, done.stderr
    assert run("plenary", "list", "themes", *ca, *own).returncode != 0


@pytest.mark.parametrize("binding", ["a.pem", "=a.pem", "organizations/a=", "series/a=a.pem", "a=a.pem", "organizations/=x"])
def test_an_authority_without_an_organization_is_told(tmp_path, binding):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"tls:\n  client_authorities: ['{binding}']\n")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == 2 and "write organizations/ID=FILE" in done.stderr, done.stderr


@pytest.mark.parametrize(("lines", "words"), [
    ("  client_authorities: ['*=a.pem']\n", "tls.certificate_file is missing"),
    ("  certificate_file: a\n  key_file: b\n  client_authorities: ['*=a.pem']\n", "tls.client_certificates is missing"),
])
def test_authorities_that_lack_other_settings_are_told(tmp_path, lines, words):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"tls:\n{lines}")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == 2 and words in done.stderr, done.stderr
