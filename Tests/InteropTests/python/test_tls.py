"""What the server's TLS lets in, as `openssl s_client`, Python's ssl and grpcio see it."""

import os
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from plenary_testing import ServerProcess, run
from plenary_testing.calls import CALL_SECONDS, error_of, until
from plenary_testing.certificates import CLIENT, SERVER, Authority

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
SETTINGS = 4
NO_APPLICATION_PROTOCOL = 120
# At once, on a machine that may be busy; the handshake's own limit is 10 s.
AT_ONCE_SECONDS = 5
IDENTITY = [("x-echo-peer-identity", "1")]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def issued(authority):
    return authority.server()


def arguments(issued, *more):
    return ["--tls-cert", issued.certificate_file, "--tls-key", issued.key_file, *more]


@pytest.fixture(scope="module")
def server(issued):
    with ServerProcess("grpc-testserver", *arguments(issued)) as process:
        yield process


@pytest.fixture(scope="module")
def echo(stubs):
    return stubs["kit/v1/echo.proto"]


def port_of(server):
    return int(server.address.rsplit(":", 1)[1])


def connect(server):
    return socket.create_connection(("127.0.0.1", port_of(server)), timeout=CALL_SECONDS)


def context_for(authority, protocols):
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    if protocols is not None:
        context.set_alpn_protocols(protocols)
    return context


def s_client(server, *options):
    """What `openssl s_client` reports of a handshake."""
    ended = subprocess.run(
        ["openssl", "s_client", "-connect", server.address, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=CALL_SECONDS,
    )
    return (ended.stdout + ended.stderr).decode(errors="replace")


def say(echo, address, credentials, **options):
    """One call on a connection of its own."""
    messages, services = echo
    pool = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.secure_channel(address, credentials, options=pool) as channel:
        options.setdefault("timeout", CALL_SECONDS)
        return services.EchoStub(channel).Say.with_call(messages.EchoMsg(n=1), **options)


# ALPN: RFC 7301 §3.2, RFC 9113 §3.2.


@pytest.mark.parametrize("protocols", [["h2"], ["http/1.1", "h2"], ["h2", "http/1.1"]])
def test_h2_is_chosen_when_it_is_offered(server, authority, protocols):
    context = context_for(authority, protocols)
    with connect(server) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        assert tls.selected_alpn_protocol() == "h2"
        tls.sendall(PREFACE)
        assert tls.recv(9)[3] == SETTINGS


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("protocols", [None, ["http/1.1"], ["h3", "h2c"], ["H2"]])
def test_without_h2_there_is_an_alert(server, authority, protocols, version):
    context = context_for(authority, protocols)
    context.minimum_version = context.maximum_version = version
    with connect(server) as plain, pytest.raises(ssl.SSLError) as failure:
        context.wrap_socket(plain, server_hostname="localhost")
    assert "alert no application protocol" in str(failure.value)


@pytest.mark.parametrize("options", [[], ["-alpn", "http/1.1"]])
def test_openssl_reports_the_alert(server, options):
    assert f"SSL alert number {NO_APPLICATION_PROTOCOL}" in s_client(server, *options)


# Versions and suites: RFC 9113 §9.2.


@pytest.mark.parametrize(("option", "version"), [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_newer_versions_are_spoken(server, option, version):
    report = s_client(server, "-alpn", "h2", option)
    assert f"New, {version}, Cipher is" in report
    assert "ALPN protocol: h2" in report
    assert "Compression: NONE" in report


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_older_versions_are_refused(server, option):
    # At level 0 openssl offers what its configuration would otherwise hold back.
    report = s_client(server, "-alpn", "h2", option, "-cipher", "ALL:@SECLEVEL=0")
    assert "alert protocol version" in report
    assert "Cipher is (NONE)" in report


@pytest.mark.parametrize(
    "suite",
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    ],
)
def test_aead_suites_are_spoken(server, suite):
    assert f"New, TLSv1.2, Cipher is {suite}" in s_client(server, "-alpn", "h2", "-tls1_2", "-cipher", suite)


@pytest.mark.parametrize(
    "suites",
    ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "AES128-SHA"],
)
def test_other_suites_are_refused(server, suites):
    report = s_client(server, "-alpn", "h2", "-tls1_2", "-cipher", suites)
    assert "alert handshake failure" in report
    assert "Cipher is (NONE)" in report


def test_a_client_may_not_renegotiate(server):
    ended = subprocess.run(
        ["openssl", "s_client", "-connect", server.address, "-alpn", "h2", "-tls1_2", "-legacy_renegotiation"],
        input=b"R\n",
        capture_output=True,
        timeout=CALL_SECONDS,
    )
    assert b"RENEGOTIATING" in ended.stdout + ended.stderr
    assert ended.returncode != 0
    until(lambda: server.log, lambda log: "the peer asks for a renegotiation" in log)


# Bytes that are not what the port speaks.


def end_of(peer):
    """What comes until the server closes, and how long that took."""
    start = time.monotonic()
    received = b""
    try:
        while piece := peer.recv(4096):
            received += piece
    except ConnectionResetError:
        pass
    return received, time.monotonic() - start


@pytest.mark.parametrize("greeting", [PREFACE, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x80\x2e\x01\x03\x01", b"\x00"])
def test_other_bytes_end_the_connection_at_once(server, greeting):
    with connect(server) as peer:
        peer.sendall(greeting)
        received, seconds = end_of(peer)
    assert received == b""
    assert seconds < AT_ONCE_SECONDS


def test_tls_bytes_end_a_connection_in_clear_at_once(authority):
    with ServerProcess("grpc-testserver") as server:
        start = time.monotonic()
        with connect(server) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
            context_for(authority, ["h2"]).wrap_socket(plain, server_hostname="localhost")
        assert time.monotonic() - start < AT_ONCE_SECONDS


def client_hello(authority, protocols=("h2",)):
    """The bytes with which Python's ssl begins."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context_for(authority, list(protocols)).wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return tls, incoming, outgoing


def test_a_client_hello_in_pieces_of_one_byte_is_answered(server, authority):
    tls, incoming, outgoing = client_hello(authority)
    with connect(server) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in outgoing.read():
            peer.sendall(bytes([byte]))
        while True:
            incoming.write(peer.recv(4096))
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                continue
        assert tls.selected_alpn_protocol() == "h2"


def test_damaged_client_hellos_end_the_connection_and_leave_the_server_well(server, authority, echo):
    hello = client_hello(authority)[2].read()
    for index in range(0, len(hello), 3):
        damaged = hello[:index] + bytes([hello[index] ^ 0xFF]) + hello[index + 1 :]
        with connect(server) as peer:
            peer.sendall(damaged)
            peer.shutdown(socket.SHUT_WR)
            _, seconds = end_of(peer)
            assert seconds < AT_ONCE_SECONDS
    answer, _ = say(echo, server.address, grpc.ssl_channel_credentials(authority.certificate))
    assert answer.n == 1


def test_a_client_hello_that_never_ends_is_cut(server):
    with connect(server) as peer:
        # Record after record of one message that says it is as long as may be.
        record = b"\x16\x03\x01\x00\x40"
        peer.sendall(record + b"\x01\x00\x3f\x00" + bytes(60) + (record + bytes(64)) * 300)
        received, seconds = end_of(peer)
    assert received in (b"\x15\x03\x03\x00\x02\x02\x2f", b"")
    assert seconds < AT_ONCE_SECONDS


# Mutual TLS: nobody is let in before the certificate holds.


def credentials(authority, own=None):
    key, certificate = (own.key, own.certificate) if own else (None, None)
    return grpc.ssl_channel_credentials(authority.certificate, key, certificate)


@pytest.fixture(scope="module", params=["required", "optional"])
def mutual(request, authority, issued):
    more = ["--tls-ca", authority.certificate_file, "--tls-client-auth", request.param]
    with ServerProcess("grpc-testserver", *arguments(issued, *more)) as process:
        process.mode = request.param
        yield process


@pytest.fixture(scope="module")
def bad(authority, tmp_path_factory):
    other = Authority(tmp_path_factory.mktemp("other"), "other")
    impostor = Authority(tmp_path_factory.mktemp("impostor"))
    return {
        "other authority": other.issue("foreign", purpose=CLIENT),
        "authority of the same name": impostor.issue("impostor", purpose=CLIENT),
        "self-signed": other.own,
        "expired": authority.issue("expired", purpose=CLIENT, days=-1),
        "for servers": authority.issue("for-servers", purpose=SERVER),
    }


def started(server, authority, echo):
    """How many calls have reached a handler, asked with a certificate that holds."""
    messages, services = echo
    good = credentials(authority, authority.issue("counter", purpose=CLIENT))
    with grpc.secure_channel(server.address, good) as channel:
        return services.EchoStub(channel).Stat(messages.EchoMsg(), timeout=CALL_SECONDS).started


BAD = ["other authority", "authority of the same name", "self-signed", "expired", "for servers"]


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_certificate_is_refused(mutual, authority, bad, echo, kind):
    before = started(mutual, authority, echo)
    error = error_of(say, echo, mutual.address, credentials(authority, bad[kind]))
    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert started(mutual, authority, echo) == before


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("kind", BAD)
def test_the_refusal_is_an_alert(mutual, authority, bad, kind, version):
    # With TLS 1.3 the client is done before the server is: the alert comes with the first read.
    context = context_for(authority, ["h2"])
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(bad[kind].certificate_file, bad[kind].key_file)
    with pytest.raises(ssl.SSLError) as failure:
        with connect(mutual) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
            tls.sendall(PREFACE)
            while tls.recv(4096):
                pass
    assert "ALERT" in str(failure.value)


def test_no_certificate_is_refused_where_one_is_required(mutual, authority, echo):
    if mutual.mode == "optional":
        answer, call = say(echo, mutual.address, credentials(authority), metadata=IDENTITY)
        assert answer.n == 1
        assert ("x-peer", "none") in call.initial_metadata()
    else:
        before = started(mutual, authority, echo)
        error = error_of(say, echo, mutual.address, credentials(authority))
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert started(mutual, authority, echo) == before


def test_a_good_certificate_names_the_caller(mutual, authority, echo):
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "LK"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Secretariat, Records"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Indexeur né"),
        ]
    )
    names = [
        x509.UniformResourceIdentifier("spiffe://example.org/indexer"),
        x509.DNSName("indexer.example.org"),
        x509.RFC822Name("ops@example.org"),
    ]
    own = authority.issue("indexer", names=names, purpose=CLIENT, subject=subject)
    _, call = say(echo, mutual.address, credentials(authority, own), metadata=IDENTITY)
    told = dict(call.initial_metadata())
    assert told["x-peer-certificate-bin"] == own.x509.public_bytes(serialization.Encoding.DER)
    assert told["x-peer-subject-bin"].decode() == own.x509.subject.rfc4514_string()
    assert told["x-peer-uri"] == "spiffe://example.org/indexer"
    assert told["x-peer-dns"] == "indexer.example.org"
    assert told["x-peer-email"] == "ops@example.org"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_outlives_no_certificate(mutual, authority, version):
    # Whole seconds count: it holds for one at least, and the first two handshakes need far less.
    own = authority.issue(f"short-{version}", purpose=CLIENT, days=0, seconds=6)
    context = context_for(authority, ["h2"])
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(own.certificate_file, own.key_file)

    def greeting(session):
        """Whether the session was resumed, what the server said first, and the session to go on with."""
        with connect(mutual) as plain:
            with context.wrap_socket(plain, server_hostname="localhost", session=session) as tls:
                tls.sendall(PREFACE)
                return tls.session_reused, tls.recv(9), tls.session

    resumed, frame, session = greeting(None)
    assert (resumed, frame[3]) == (False, SETTINGS)
    resumed, frame, _ = greeting(session)
    assert (resumed, frame[3]) == (True, SETTINGS)
    until(time.time, lambda now: now > own.x509.not_valid_after_utc.timestamp() + 2)
    try:
        _, frame, _ = greeting(session)
        assert frame == b""
    except (ssl.SSLError, ConnectionError):
        # The alert came instead of the end.
        pass


def test_a_process_behind_a_unix_socket_is_known(tmp_path, echo):
    messages, services = echo
    address = f"unix:{tmp_path}/socket"
    with ServerProcess("grpc-testserver", "--listen", address), grpc.insecure_channel(address) as channel:
        _, call = services.EchoStub(channel).Say.with_call(messages.EchoMsg(), metadata=IDENTITY, timeout=CALL_SECONDS)
    told = dict(call.initial_metadata())
    assert told["x-peer-uid"] == str(os.geteuid())
    assert told["x-peer-gid"] == str(os.getegid())
    assert told["x-peer-pid"] == str(os.getpid())


# Reloading.


def serial_of(server, authority):
    context = context_for(authority, ["h2"])
    with connect(server) as plain, context.wrap_socket(plain, server_hostname="localhost") as tls:
        return x509.load_der_x509_certificate(tls.getpeercert(binary_form=True)).serial_number


def test_reloading_under_load_loses_no_call(authority, issued, echo, tmp_path):
    messages, services = echo
    certificate, key = tmp_path / "served.pem", tmp_path / "served.key"

    def serve(new):
        certificate.write_bytes(new.certificate)
        key.write_bytes(new.key)
        server.signal(signal.SIGHUP)
        return server.next_line()

    certificate.write_bytes(issued.certificate)
    # A key that others can read is refused.
    key.touch(mode=0o600)
    key.write_bytes(issued.key)
    ended = threading.Event()
    trust = credentials(authority)

    def call_on_one_connection():
        count = 0
        with grpc.secure_channel(server.address, trust) as channel:
            stub = services.EchoStub(channel)
            while not ended.is_set():
                assert stub.Say(messages.EchoMsg(n=count), timeout=CALL_SECONDS).n == count
                count += 1
        return count

    def call_on_new_connections():
        count = 0
        while not ended.is_set():
            assert say(echo, server.address, trust)[0].n == 1
            count += 1
        return count

    with ServerProcess("grpc-testserver", "--tls-cert", certificate, "--tls-key", key) as server:
        # Both kinds of connection were there before, so what is open afterwards can be compared.
        assert serial_of(server, authority) == issued.x509.serial_number
        before = until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")), lambda _: True)
        with ThreadPoolExecutor(max_workers=4) as threads:
            workers = [threads.submit(call_on_one_connection) for _ in range(2)]
            workers += [threads.submit(call_on_new_connections) for _ in range(2)]
            try:
                for round in range(8):
                    renewed = authority.server(f"renewed-{round}")
                    assert serve(renewed) == {"event": "reloaded"}
                    assert serial_of(server, authority) == renewed.x509.serial_number
                # A bad file keeps what is there, and says why in one line.
                certificate.write_bytes(b"broken")
                server.signal(signal.SIGHUP)
                report = server.next_line()
                assert report["event"] == "reload failed"
                assert report["error"].startswith(f"the certificate file {certificate} is not PEM")
                assert serial_of(server, authority) == renewed.x509.serial_number
            finally:
                ended.set()
            counts = [worker.result() for worker in workers]
        assert all(count > 0 for count in counts)
        until(lambda: len(os.listdir(f"/proc/{server.pid}/fd")), lambda count: count <= before)


def test_refused_connections_leave_no_descriptor(server, authority):
    def descriptors():
        return len(os.listdir(f"/proc/{server.pid}/fd"))

    before = descriptors()
    for greeting in [PREFACE, client_hello(authority, ["http/1.1"])[2].read(), b"\x16\x03\x01", b""] * 10:
        with connect(server) as peer:
            peer.sendall(greeting)
    until(descriptors, lambda count: count <= before)


# The command line.


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--tls-cert", "a.pem"], "--tls-key"),
        (["--tls-key", "a.key"], "--tls-cert"),
        (["--tls-ca", "a.pem"], "--tls-ca"),
        (["--tls-cert", "a.pem", "--tls-key", "a.key", "--tls-client-auth", "maybe"], "--tls-client-auth"),
    ],
)
def test_wrong_options_are_named(options, named):
    ended = run("grpc-testserver", *options)
    assert ended.returncode == 2
    assert named in ended.stderr.splitlines()[0]


def test_bad_files_are_named_in_one_line(issued, tmp_path):
    secret = tmp_path / "gone.key"
    ended = run("grpc-testserver", "--tls-cert", issued.certificate_file, "--tls-key", secret)
    assert ended.returncode == 1
    assert ended.stderr == f"error: the private key file {secret} does not exist\n"


def test_an_expired_certificate_serves_with_a_warning(authority):
    expired = authority.issue("expired-server", purpose=SERVER, days=-1)
    with ServerProcess("grpc-testserver", *arguments(expired)) as server:
        assert re.search(r"warning: the certificate file \S+ holds a certificate that has expired; ", server.log)
