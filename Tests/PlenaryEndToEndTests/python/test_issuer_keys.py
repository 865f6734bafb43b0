"""Keys of an issuer that are fetched from its address: when it is asked, and what becomes of answers that are none."""

import contextlib
import json
import threading
import time

import grpc
import pytest

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import Authority
from plenary_testing.identities import code_of, two_organizations, watching
from plenary_testing.issuer import AUDIENCE, ISSUER, Key, KeyServer, key_set, respond
from plenary_testing.registry import RegistryClient

OK, UNAUTHENTICATED = grpc.StatusCode.OK, grpc.StatusCode.UNAUTHENTICATED


@pytest.fixture(scope="module")
def key():
    return Key("ES256")


@pytest.fixture
def server(key):
    with KeyServer(key_set(key)) as one:
        yield one


@pytest.fixture
def serve(start, data, admin_token, tmp_path):
    """Starts a daemon that fetches the keys from an address: `serve(url, refresh_interval="1s")`."""

    def one(url, **settings):
        lines = "".join(f"  keys_{name}: {value}\n" for name, value in settings.items())
        file = tmp_path / "plenaryd.yaml"
        file.write_text(
            f"auth:\n  required: true\njwt:\n  issuer: {ISSUER}\n  audience: {AUDIENCE}\n  keys_url: {url}\n"
            f"  organizations: [organizations/a]\n{lines}limits:\n  failed_credentials_max: none\n"
        )
        return start("--config", file, "--log-level", "notice", data=data)[1]

    return one


@pytest.fixture
def connect(api):
    with contextlib.ExitStack() as stack:
        yield lambda daemon, token: stack.enter_context(RegistryClient(api, daemon.address, token=token))


@pytest.fixture
def admit(api, connect, admin_token):
    """Makes the client whom the tokens are about, and returns an administrator."""

    def one(daemon):
        admin = connect(daemon, admin_token)
        two_organizations(api, admin)
        grant = api.Client.Grant(role="EDITOR", scope="*")
        admin.CreateClient(
            client_id="desk",
            client=api.Client(organization="organizations/a", issuer_subjects=[f"{ISSUER} desk-7"], roles=[grant]),
        )
        return admin

    return one


def test_keys_are_there_from_the_first_call_on(admit, connect, serve, server, key):
    daemon = serve(server.url)
    admin = admit(daemon)
    assert code_of(connect(daemon, key.token())) is OK
    # They are kept, and not fetched for each token.
    for _ in range(20):
        assert code_of(connect(daemon, key.token())) is OK
    assert server.asked == 1
    status = admin.GetAccessStatus().issuer_keys
    assert (status.issuer, status.source, status.key_count, status.problem) == (ISSUER, server.url, 1, "")
    assert abs(status.read_time.seconds - time.time()) < CALL_SECONDS


def test_keys_come_over_tls_from_a_server_that_proves_who_it_is(admit, connect, serve, key, tmp_path):
    authority, stranger = Authority(tmp_path / "web", "web"), Authority(tmp_path / "stranger", "stranger")
    with KeyServer(key_set(key), authority) as server:
        daemon = serve(server.url, authority_file=authority.certificate_file)
        admit(daemon)
        assert code_of(connect(daemon, key.token())) is OK
        daemon.stop()
        wrong = serve(server.url, authority_file=stranger.certificate_file)
        assert code_of(connect(wrong, key.token())) is UNAUTHENTICATED
        assert "does not prove who it is" in wrong.log and "issuer.keys.refused" in wrong.log


def test_keys_are_rotated_without_a_failed_call(api, admit, connect, serve, server, key):
    daemon, new = serve(server.url, refresh_interval="1s"), Key("ES256", "k2")
    admin = admit(daemon)
    token, ends = [key.token()], threading.Event()
    failures = []

    def call():
        with RegistryClient(api, daemon.address, token=token[0]) as client:
            used = token[0]
            while not ends.is_set():
                if used != token[0]:
                    return
                try:
                    client.ListThemes()
                except grpc.RpcError as error:
                    failures.append(error)
                    return

    def until_known(count):
        until(lambda: admin.GetAccessStatus().issuer_keys.key_count, lambda found: found == count)

    callers = []

    def begin():
        callers.append(threading.Thread(target=call, daemon=True))
        callers[-1].start()

    begin()
    server.answer = key_set(key, new)
    until_known(2)
    token[0] = new.token()
    begin()
    callers[0].join()
    server.answer = key_set(new)
    until_known(1)
    assert code_of(connect(daemon, key.token())) is UNAUTHENTICATED
    ends.set()
    for caller in callers:
        caller.join()
    assert not failures


def test_a_key_that_is_not_known_is_asked_for_but_not_by_each_token(admit, connect, serve, server, key):
    daemon, new = serve(server.url), Key("ES256", "k2")
    admit(daemon)
    server.answer = key_set(key, new)
    # The next regular question is minutes away.
    until(lambda: code_of(connect(daemon, new.token())), lambda code: code is OK)
    asked = server.asked
    assert asked == 2
    for number in range(50):
        assert code_of(connect(daemon, key.token(header={"kid": f"x{number}"}))) is UNAUTHENTICATED
    assert code_of(connect(daemon, key.token())) is OK
    assert server.asked <= asked + 1


def test_a_server_that_is_down_leaves_the_keys_for_a_while_and_not_for_ever(api, admit, connect, serve, key):
    server = KeyServer(key_set(key))
    daemon = serve(server.url, refresh_interval="1s", stale_max="6s")
    admin = admit(daemon)
    desk = connect(daemon, key.token())
    assert code_of(desk) is OK
    server.close()
    with watching(api, desk) as end:
        until(lambda: admin.GetAccessStatus().issuer_keys.problem, lambda problem: "jwt.keys_url" in problem)
        assert code_of(desk) is OK and code_of(connect(daemon, key.token(jti="2"))) is OK and end.empty()
        assert end.get(timeout=CALL_SECONDS).code() is UNAUTHENTICATED
    assert code_of(desk) is UNAUTHENTICATED
    status = admin.GetAccessStatus().issuer_keys
    assert status.key_count == 0
    daemon.wait_for_log("issuer.keys.outdated")
    # The same trouble is told once.
    assert daemon.log.count("issuer.keys.refused") == 1
    with KeyServer(key_set(key), port=server.port):
        until(lambda: code_of(desk), lambda code: code is OK)


def test_a_daemon_starts_although_the_issuer_does_not_answer(admit, connect, serve, key, admin_token):
    with KeyServer(b"") as taken:
        port = taken.port
    daemon = serve(f"http://127.0.0.1:{port}/keys?v=1", refresh_interval="1s")
    admit(daemon)
    desk = connect(daemon, key.token())
    assert code_of(desk) is UNAUTHENTICATED
    told = run("plenary", "doctor", "--server", daemon.address, "--output", "json", env={"PLENARY_TOKEN": admin_token})
    checks = {check["subject"]: check["verdict"] for check in json.loads(told.stdout)}
    assert told.returncode == 9 and checks["keys of the issuer"] == "bad"
    with KeyServer(key_set(key), port=port):
        until(lambda: code_of(desk), lambda code: code is OK)
    told = run("plenary", "status", "--server", daemon.address, env={"PLENARY_TOKEN": admin_token})
    assert "keys of the issuer" in told.stdout and ISSUER in told.stdout


def slowly(handler):
    """Says for ever that there is more to come."""
    with contextlib.suppress(OSError):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(600):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if threading.Event().wait(0.1):
                return


def cut_off(handler):
    with contextlib.suppress(OSError):
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")


def headers_without_end(handler):
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 1000) for n in range(3000)))


@pytest.mark.parametrize(("answer", "words"), [
    (b"", "is no JSON"),
    (b"[]", "is no JWK Set"),
    (b'{"keys":[]}', "has no key that can be used"),
    (b" " * ((1 << 20) + 1), "answers with more than 1048576 bytes"),
    (b" " * (4 << 20), "answers with more"),
    (lambda handler: respond(handler, b"gone", status=503), "answers with the status 503"),
    (lambda handler: respond(handler, b"", status=302, location="/other"), "answers with the status 302"),
    (lambda handler: respond(handler, b"{}", content_encoding="gzip"), "answers with what is packed"),
    (lambda handler: handler.wfile.write(b"SSH-2.0-x\r\n\r\n"), "does not answer as a web server does"),
    (slowly, "does not answer within"),
    (cut_off, "closes the connection before it has answered"),
    (headers_without_end, ""),
], ids=["empty", "list", "no-key", "too-long", "much-too-long", "status", "elsewhere", "packed", "other", "slow", "cut",
        "headers"])
def test_an_answer_that_is_none_is_told_and_the_keys_from_before_stay(
    admit, connect, serve, server, key, answer, words
):
    daemon = serve(server.url, refresh_interval="1s", timeout="1s")
    admin = admit(daemon)
    server.answer = answer
    problem = until(lambda: admin.GetAccessStatus().issuer_keys.problem, lambda problem: problem != "")
    assert words in problem and "jwt.keys_url" in problem
    daemon.wait_for_log(words, "issuer.keys.refused")
    assert code_of(connect(daemon, key.token(jti="x"))) is OK
    server.answer = key_set(key)
    until(lambda: admin.GetAccessStatus().issuer_keys.problem, lambda problem: problem == "")


def test_an_answer_of_the_limit_is_taken(admit, connect, serve, server, key):
    text = key_set(key)
    server.answer = text + b" " * ((1 << 20) - len(text))
    daemon = serve(server.url)
    admit(daemon)
    assert code_of(connect(daemon, key.token())) is OK


def test_a_daemon_that_waits_for_an_answer_stops_at_once(admit, serve, server):
    daemon = serve(server.url, refresh_interval="1s", timeout="60s")
    waiting = threading.Event()

    def silent(handler):
        waiting.set()
        threading.Event().wait(90)

    server.answer = silent
    assert waiting.wait(CALL_SECONDS)
    begun = time.monotonic()
    daemon.stop()
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(("lines", "code", "words"), [
    ("  keys_url: http://id.example.org/keys\n", 2, "is not on this machine"),
    ("  keys_url: http://127.0.0.1.example.org/keys\n", 2, "is not on this machine"),
    ("  keys_url: ftp://id.example.org/keys\n", 2, "is neither https nor http"),
    ("  keys_url: id.example.org\n", 2, "is no address"),
    ("  keys_url: https://\n", 2, "names no server"),
    ("  keys_url: https://:80/x\n", 2, "names no server"),
    ("  keys_url: https://user:secret@id.example.org/\n", 2, "leave them out"),
    ("  keys_url: https://id.example.org:0/\n", 2, "names no server"),
    (f"  keys_url: https://id.example.org/{'x' * 2048}\n", 2, "longer than 2048 bytes"),
    ("  keys_url: https://id.example.org/k\n  keys_file: x\n", 2, "set one of them"),
    ("  keys_authority_file: x\n  keys_file: x\n", 2, "jwt.keys_url is missing"),
    ("  keys_url: https://id.example.org/k\n  keys_authority_file: /nowhere\n", 1, "/nowhere does not exist"),
])
def test_an_address_that_is_none_is_told(tmp_path, lines, code, words):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"jwt:\n  issuer: x\n  audience: y\n  organizations: ['*']\n{lines}")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == code and words in done.stderr, done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("url", [
    "https://id.example.org", "https://id.example.org/keys?x=1", "https://[2001:db8::1]:8443/k", "http://localhost:8080/k",
    "http://127.0.0.1/k", "http://[::1]/k", "HTTPS://id.example.org/k",
])
def test_addresses_are_read(tmp_path, url):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"jwt:\n  issuer: x\n  audience: y\n  organizations: ['*']\n  keys_url: '{url}'\n")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == 0, done.stderr
