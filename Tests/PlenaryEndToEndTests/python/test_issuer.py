"""Who calls, by a token that an issuer has signed (JWT): what is taken, what is not, and when it ends."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import time

import grpc
import pytest
from google.rpc import error_details_pb2

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.identities import REVOKED_SECONDS_MAX, code_of, two_organizations, watching
from plenary_testing.issuer import AUDIENCE, ISSUER, Key, encode, number
from plenary_testing.registry import RegistryClient

SKEW_SECONDS = 2


@pytest.fixture(scope="module")
def key():
    return Key("ES256")


@pytest.fixture
def keys(tmp_path, key):
    """Writes the keys of the issuer, as a whole: `keys(key, …)`."""
    file = tmp_path / "issuer.json"

    def write(*all_keys):
        other = tmp_path / "issuer.new"
        other.write_text(json.dumps({"keys": [one.public for one in all_keys]}))
        os.replace(other, file)
        return file

    write(key)
    return write


@pytest.fixture
def guarded(start, data, admin_token, keys, key, tmp_path):
    """A daemon that takes the tokens of an issuer for one organization."""
    settings = tmp_path / "plenaryd.yaml"
    settings.write_text(
        f"auth:\n  required: true\njwt:\n  issuer: {ISSUER}\n  audience: {AUDIENCE}\n  keys_file: {keys(key)}\n"
        f"  organizations: [organizations/a]\n  clock_skew: {SKEW_SECONDS}s\n"
        "limits:\n  failed_credentials_max: none\n"
    )
    return start("--config", settings, "--log-level", "trace", data=data)[1]


@pytest.fixture
def connect(api, guarded):
    with contextlib.ExitStack() as stack:
        yield lambda token: stack.enter_context(RegistryClient(api, guarded.address, token=token))


@pytest.fixture
def admin(api, connect, admin_token):
    client = connect(admin_token)
    two_organizations(api, client)
    for name, subject, organization in (("desk", "desk-7", "a"), ("other", "other-1", "b")):
        client.CreateClient(
            client_id=name,
            client=api.Client(
                organization=f"organizations/{organization}", issuer_subjects=[f"{ISSUER} {subject}"],
                roles=[api.Client.Grant(role="EDITOR", scope="*")],
            ),
        )
    return client


def test_a_token_of_the_issuer_is_that_of_the_client_with_its_subject(api, admin, connect, key):
    desk = connect(key.token())
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    assert desk.CreateTheme(theme_id="t", theme=api.theme()).creator == "clients/desk"
    assert desk.refusal("ListClients").reason == "ROLE_MISSING"
    # The issuer does not speak for the other one's organization, and nobody has this subject.
    for subject in ("other-1", "desk-8", "clients/admin", ""):
        assert connect(key.token(sub=subject)).refusal("ListThemes").reason == "CREDENTIALS_INVALID"


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "EdDSA", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"])
def test_each_way_of_signing_is_known(admin, connect, keys, key, guarded, algorithm):
    one = Key(algorithm, "k2")
    keys(key, one)
    until(lambda: guarded.log, lambda log: "issuer.keys.reloaded" in log)
    assert code_of(connect(one.token())) is grpc.StatusCode.OK
    assert code_of(connect(one.token(header={"kid": None}))) is grpc.StatusCode.OK
    assert code_of(connect(one.token(sub="desk-8"))) is grpc.StatusCode.UNAUTHENTICATED


def test_what_a_token_says_has_to_be_so(admin, connect, key):
    good = connect(key.token())
    until(lambda: code_of(good), lambda code: code is grpc.StatusCode.OK)
    now = int(time.time())
    stranger = Key("ES256")
    secret = json.dumps(key.public).encode()
    mac = lambda data: hmac.new(secret, data, hashlib.sha256).digest()
    bad = {
        "issuer": key.token(iss="https://id.example.com"),
        "no issuer": key.token(iss=None),
        "audience": key.token(aud="https://other.example.org"),
        "audiences": key.token(aud=["https://other.example.org"]),
        "no audience": key.token(aud=None),
        "expired": key.token(exp=now - SKEW_SECONDS - 1),
        "no end": key.token(exp=None),
        "end is a text": key.token(exp=str(now + 600)),
        "endless": key.token(exp=1e300),
        "not yet": key.token(nbf=now + 600),
        "made later": key.token(iat=now + 600),
        "no subject": key.token(sub=None),
        "subject is a number": key.token(sub=7),
        "other key": stranger.token(),
        "unknown key": key.token(header={"kid": "k9"}),
        "none": key.token(header={"alg": "none"}, sign=lambda _: b""),
        "unsigned": key.token(sign=lambda _: b""),
        "a key that both know": key.token(header={"alg": "HS256"}, sign=mac),
        "another algorithm": key.token(header={"alg": "RS256"}),
        "no algorithm": key.token(header={"alg": None}),
        "to be understood": key.token(header={"crit": ["exp"]}),
        "another type": key.token(header={"typ": "logout+jwt"}),
        "two parts": key.token().rsplit(".", 1)[0],
        "four parts": key.token() + ".x",
        "no base64": key.token().replace(".", ".*", 1),
        "padded": key.token() + "==",
        "too long": key.token(filler="x" * 7000),
    }
    head, claims, signature = key.token().split(".")
    other = json.loads(base64.urlsafe_b64decode(claims + "=="))
    bad["changed"] = f"{head}.{encode(json.dumps(other | {'exp': now + 6000}).encode())}.{signature}"
    for what, token in bad.items():
        refusal = connect(token).refusal("ListThemes")
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID"), what
    for token in (
        key.token(aud=["x", AUDIENCE]), key.token(exp=now + 600.5), key.token(header={"typ": None}), key.token(iat=None),
        key.token(header={"typ": "at+jwt"}), key.token(nbf=now - 5), key.token(exp=int(time.time()) - SKEW_SECONDS + 60),
    ):
        assert code_of(connect(token)) is grpc.StatusCode.OK


def test_a_token_that_names_no_key_is_tried_with_some_of_them(admin, connect, keys, key, guarded):
    one, others = Key("ES256", "k2"), [Key("ES256", f"other-{number}") for number in range(8)]
    unnamed = [one.token(header={"kid": None}, jti=str(number)) for number in range(2)]
    # Keys of other kinds are not tried, and do not count.
    keys(*others[:7], Key("EdDSA"), Key("RS256"), one)
    until(lambda: code_of(connect(unnamed[0])), lambda code: code is grpc.StatusCode.OK)
    keys(*others, one)
    until(lambda: guarded.log.count("issuer.keys.reloaded"), lambda count: count == 2)
    assert code_of(connect(unnamed[1])) is grpc.StatusCode.UNAUTHENTICATED
    assert code_of(connect(one.token())) is grpc.StatusCode.OK


def test_many_tokens_that_are_good_for_nothing_are_listened_to_no_longer(
    api, start, data, admin_token, keys, key, tmp_path
):
    settings = tmp_path / "plenaryd.yaml"
    settings.write_text(
        f"auth:\n  required: true\njwt:\n  issuer: {ISSUER}\n  audience: {AUDIENCE}\n  keys_file: {keys(key)}\n"
        "  organizations: [organizations/a]\nlimits:\n  failed_credentials_max: 5\n"
    )
    daemon = start("--config", settings, data=data)[1]
    with contextlib.ExitStack() as stack:
        connect = lambda token: stack.enter_context(RegistryClient(api, daemon.address, token=token))
        admin = connect(admin_token)
        two_organizations(api, admin)
        grant = api.Client.Grant(role="READER", scope="*")
        admin.CreateClient(
            client_id="desk",
            client=api.Client(organization="organizations/a", issuer_subjects=[f"{ISSUER} desk-7"], roles=[grant]),
        )
        known = key.token()
        assert code_of(connect(known)) is grpc.StatusCode.OK
        wrong = ["nothing", key.token(sub="desk-8"), Key("ES256").token(), "plen_" + "0" * 58, key.token(exp=1)]
        for token in wrong:
            assert connect(token).refusal("ListThemes").reason == "CREDENTIALS_INVALID"
        # Also what would be good is not looked at, but what is known to be is let in.
        for token in ("nothing more", key.token(jti="2")):
            refusal = connect(token).refusal("ListThemes")
            assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "QUOTA_EXCEEDED")
            assert refusal.metadata == {"limit": "limits.failed_credentials_max", "max": "5"}
            assert refusal.detail(error_details_pb2.RetryInfo).retry_delay.seconds == 1
            [violation] = refusal.detail(error_details_pb2.QuotaFailure).violations
            assert violation.subject == "127.0.0.1"
        assert code_of(connect(known)) is grpc.StatusCode.OK
        status = admin.GetAccessStatus().failed_credentials
        assert (status.total_count, status.unheard_count) == (5, 2)
        assert [(peer.peer, peer.count) for peer in status.peers] == [("127.0.0.1", 5)]
        told = run("plenary", "status", "--server", daemon.address, env={"PLENARY_TOKEN": admin_token})
        assert "5 since the start, and 2 that were not looked at" in told.stdout, told.stdout


def test_two_members_of_a_name_make_no_token(admin, connect, key):
    now = int(time.time())
    claims = f'{{"iss":"{ISSUER}","aud":"{AUDIENCE}","sub":"desk-8","sub":"desk-7","exp":{now + 600}}}'
    signed = f"{encode(json.dumps({'alg': 'ES256', 'kid': 'k1'}).encode())}.{encode(claims.encode())}"
    token = f"{signed}.{encode(key.sign(signed.encode()))}"
    assert connect(token).refusal("ListThemes").reason == "CREDENTIALS_INVALID"


def test_a_token_that_ends_ends_calls_and_streams(api, admin, connect, key):
    end_time = int(time.time()) + 2
    desk = connect(key.token(exp=end_time))
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    with watching(api, desk) as end:
        assert end.get(timeout=CALL_SECONDS).code() is grpc.StatusCode.UNAUTHENTICATED
        assert end_time + SKEW_SECONDS <= time.time() <= end_time + SKEW_SECONDS + REVOKED_SECONDS_MAX
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED


def test_keys_that_are_replaced_end_what_they_have_signed(api, admin, connect, keys, key, guarded):
    old, new = connect(key.token()), Key("ES256", "k2")
    until(lambda: code_of(old), lambda code: code is grpc.StatusCode.OK)
    with watching(api, old) as end:
        keys(key, new)
        young = connect(new.token())
        until(lambda: code_of(young), lambda code: code is grpc.StatusCode.OK)
        assert code_of(old) is grpc.StatusCode.OK and end.empty()
        keys(new)
        assert end.get(timeout=CALL_SECONDS).code() is grpc.StatusCode.UNAUTHENTICATED
    assert code_of(old) is grpc.StatusCode.UNAUTHENTICATED and code_of(young) is grpc.StatusCode.OK


def test_keys_that_cannot_be_read_change_nothing(admin, connect, keys, key, guarded, tmp_path):
    (tmp_path / "issuer.json").write_text("{}")
    until(lambda: guarded.log, lambda log: "issuer.keys.refused" in log and "jwks_uri" in log)
    desk = connect(key.token())
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)


def test_an_issuer_that_is_no_longer_named_is_not_believed(api, admin, connect, key, guarded, tmp_path):
    desk = connect(key.token())
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    with watching(api, desk) as end:
        (tmp_path / "plenaryd.yaml").write_text("auth:\n  required: true\n")
        begun = time.monotonic()
        guarded.signal(signal.SIGHUP)
        assert end.get(timeout=CALL_SECONDS).code() is grpc.StatusCode.UNAUTHENTICATED
        assert time.monotonic() - begun <= REVOKED_SECONDS_MAX
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED


def test_no_token_of_an_issuer_gets_into_logs_or_errors(admin, connect, key, guarded):
    good, bad = key.token(), key.token(sub="desk-8")
    until(lambda: code_of(connect(good)), lambda code: code is grpc.StatusCode.OK)
    refusals = [connect(token).refusal("GetTheme", name="themes/x") for token in (good, bad)]
    texts = [guarded.log, *(str(refusal.error) for refusal in refusals)]
    assert "call.finished" in guarded.log
    for part in (good + "." + bad).split("."):
        assert not any(part in text for text in texts)


def test_subjects_of_clients_are_checked(api, admin, admin_token, guarded):
    for subject in ("desk-7", f"{ISSUER} ", "id.example.org desk", f"{ISSUER}\tdesk"):
        refusal = admin.refusal("CreateClient", client_id="x", client=api.Client(issuer_subjects=[subject]))
        assert refusal.reason == "SUBJECT_INVALID" and list(refusal.fields) == ["issuer_subjects.0"]
    taken = api.Client(organization="organizations/a", issuer_subjects=[f"{ISSUER} desk-7"])
    assert admin.refusal("CreateClient", client_id="x", client=taken).reason == "SUBJECT_TAKEN"
    made = run(
        "plenary", "client", "create", "cli", "--organization", "a", "--role", "READER", "--subject", f"{ISSUER} cli 1",
        "--no-token", "--server", guarded.address, env={"PLENARY_TOKEN": admin_token},
    )
    assert made.returncode == 0, made.stderr
    assert list(admin.GetClient(name="clients/cli").issuer_subjects) == [f"{ISSUER} cli 1"]


@pytest.mark.parametrize(("lines", "code", "words"), [
    ("  issuer: x\n", 2, "jwt.audience is missing"),
    ("  issuer: x\n  audience: y\n", 2, "jwt.keys_file or jwt.keys_url is missing"),
    ("  issuer: x\n  audience: y\n  keys_file: /nowhere\n", 2, "jwt.organizations is missing"),
    ("  issuer: x\n  audience: y\n  keys_file: /nowhere\n  organizations: ['*']\n", 1, "/nowhere cannot be read"),
    ("  organizations: [a]\n", 2, "write organizations/ID"),
])
def test_settings_of_an_issuer_that_lack_others_are_told(tmp_path, lines, code, words):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"jwt:\n{lines}")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == code and words in done.stderr, done.stderr


@pytest.mark.parametrize(("text", "words"), [
    ("", "no JSON"), ("[]", "no list `keys`"), ('{"keys":[]}', "no key that can be used"),
    ('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', "no key that can be used"),
    (json.dumps({"keys": [{"kty": "RSA", "n": number(2**1024 + 1), "e": "AQAB"}]}), "no key that can be used"),
    (json.dumps({"keys": [{}] * 101}), "at most 100"), (" " * ((1 << 20) + 1), "more than 1048576 bytes"),
])
def test_a_file_of_keys_that_is_none_is_told(tmp_path, text, words):
    file, settings = tmp_path / "issuer.json", tmp_path / "plenaryd.yaml"
    file.write_text(text)
    settings.write_text(f"jwt:\n  issuer: x\n  audience: y\n  keys_file: {file}\n  organizations: ['*']\n")
    done = run("plenaryd", "validate", "--config", settings, "--data", ":memory:")
    assert done.returncode == 1 and words in done.stderr and str(file) in done.stderr, done.stderr
