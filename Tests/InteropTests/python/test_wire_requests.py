"""Every shape of a request's headers gets a definite answer, and what is malformed runs nothing."""

import base64

import pytest

from plenary_testing.wire import (
    CONTINUATION, ENABLE_PUSH, END_HEADERS, MAX_HEADER_LIST_SIZE, Peer, block, frame, headers, message, request_fields,
)

SAY = "/kit.v1.Echo/Say"
SLEEP = "/kit.v1.Echo/Sleep"
UNARY = "/grpc.testing.TestService/UnaryCall"

TRAILING = "x-grpc-test-echo-trailing-bin"
INITIAL = "x-grpc-test-echo-initial"


@pytest.fixture
def peer(server):
    with Peer(server.address) as peer:
        yield peer


@pytest.fixture
def started(stubs, channel):
    """How many handlers of Echo have started."""
    messages, services = stubs["kit/v1/echo.proto"]
    return lambda: services.EchoStub(channel).Stat(messages.EchoMsg(), timeout=10).started


@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS", "HEAD", "PATCH", "post", "BREW"])
def test_only_post_is_allowed(peer, started, method):
    before = started()
    assert peer.verdict(peer.request(SAY, method=method, body=message())) == "http 405"
    assert started() == before


def test_connect_has_no_path_and_is_no_call(peer):
    fields = block([(":method", "CONNECT"), (":authority", "test")])
    assert peer.verdict(peer.raw_request(fields)) in ("http 405", "reset PROTOCOL_ERROR")


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "application/json", "application/grpcfoo", "application/grpc-web", "application/grpc-web+proto",
        "application/grpc+json", "application/grpc+nothing", "text/plain", "application/grpc proto", "application",
    ],
)
def test_another_content_type_is_refused(peer, started, content_type):
    before = started()
    assert peer.verdict(peer.request(SAY, body=message(), content_type=content_type)) == "http 415"
    assert started() == before


@pytest.mark.parametrize(
    "content_type", ["application/grpc", "application/grpc+proto", "application/grpc;a=b", "application/grpc+proto;a=b"]
)
def test_the_content_types_of_grpc_with_protobuf_are_taken(peer, content_type):
    assert peer.verdict(peer.request(SAY, body=message(), content_type=content_type)) == "grpc 0"


@pytest.mark.parametrize(
    "path",
    [
        "/kit.v1.Echo/say", "/kit.v1.Echo/SAY", "/kit.v1.echo/Say", "/kit.v1.Echo/Nothing", "/kit.v1.Nothing/Say",
        "/", "//", "/kit.v1.Echo", "/kit.v1.Echo/", "/kit.v1.Echo/Say/", "//kit.v1.Echo/Say", "/kit.v1.Echo//Say",
        "/kit.v1.Echo/Say?x=1", "/kit.v1.Echo/Say%00", "/Kit.v1.Echo/Say", "/" + "x" * 5000, "/é/ü",
    ],
)
def test_a_path_that_is_no_method_is_unimplemented(peer, started, path):
    before = started()
    assert peer.verdict(peer.request(path, body=message())) == "grpc 12"
    assert started() == before


@pytest.mark.parametrize("path", ["kit.v1.Echo/Say", "*", ""])
def test_a_path_that_http_does_not_allow_is_answered_too(peer, path):
    assert peer.verdict(peer.request(path, body=message())) in ("grpc 12", "reset PROTOCOL_ERROR", "http 400")


def test_te_may_be_missing(peer):
    assert peer.verdict(peer.request(SAY, body=message(), te=None)) == "grpc 0"


@pytest.mark.parametrize("te", ["gzip", "chunked", "trailers, deflate"])
def test_te_says_trailers_or_is_malformed(peer, te):
    assert peer.verdict(peer.request(SAY, body=message(), te=te)) == "reset PROTOCOL_ERROR"


@pytest.mark.parametrize("timeout", ["1H", "60S", "99999999n", "99999999H", "99999999M", "00060S", "60000m"])
def test_a_timeout_that_is_right_is_obeyed_and_does_not_overflow(peer, timeout):
    assert peer.verdict(peer.request(SAY, ("grpc-timeout", timeout), body=message())) == "grpc 0"


@pytest.mark.parametrize(
    "timeout",
    ["abc", "10", "", "S", "-1S", "+1S", "1.5S", "1 S", "100000000S", "9" * 30 + "S", "1s", "1X", "1SS", "١S", "0x1S"],
)
def test_a_timeout_that_is_malformed_is_refused(peer, started, timeout):
    before = started()
    assert peer.verdict(peer.request(SAY, ("grpc-timeout", timeout), body=message())) == "grpc 13"
    assert started() == before


@pytest.mark.parametrize("timeout", ["0S", "0n", "00000000H"])
def test_a_timeout_of_zero_has_passed(peer, started, timeout):
    before = started()
    assert peer.verdict(peer.request(SAY, ("grpc-timeout", timeout), body=message())) == "grpc 4"
    assert started() == before


@pytest.mark.parametrize("timeout", ["50m", "50000u", "50000000n"])
def test_a_deadline_is_answered_by_the_server(peer, stubs, timeout):
    body = message(stubs["kit/v1/echo.proto"][0].SleepMsg(ms=600_000).SerializeToString())
    assert peer.verdict(peer.request(SLEEP, ("grpc-timeout", timeout), body=body)) == "grpc 4"


def test_values_of_bytes_are_split_at_commas_padded_or_not(peer):
    values = [b"\x00\x01\x02\x03", b"\xff", b""]
    joined = ",".join([base64.b64encode(values[0]).decode(), base64.b64encode(values[1]).decode().rstrip("="), ""])
    answer = peer.answer(peer.request(UNARY, (TRAILING, joined), body=message()))
    assert answer.verdict == "grpc 0"
    echoed = [part for name, value in answer.lists[-1] if name == TRAILING for part in value.split(",")]
    assert [base64.b64decode(part + "==") for part in echoed] == values
    assert "=" not in "".join(echoed)


@pytest.mark.parametrize(
    "value",
    [
        "!!!", "a", "abc=d", "AA=A", "====", "AAA*", "AB==C",
        "A A A A",
    ],
)
def test_bytes_that_are_not_base64_are_refused(peer, value):
    assert peer.verdict(peer.request(UNARY, ("x-any-bin", value), body=message())) == "grpc 13"


def test_values_of_a_name_keep_their_order(peer):
    values = [(INITIAL, "first"), (INITIAL, "second")]
    answer = peer.answer(peer.request(UNARY, *values, body=message()))
    assert [value for name, value in answer.lists[0] if name == INITIAL] == ["first", "second"]


@pytest.mark.parametrize("value", [b"\xe4\xb8\xad", b"\xff\xfe", b"\x80", b"a\tb", b"", b"x" * 7000])
def test_metadata_that_http_allows_does_not_fail_a_call(peer, value):
    assert peer.verdict(peer.request(SAY, ("x-any", value), body=message())) == "grpc 0"


@pytest.mark.parametrize("name", ["grpc-nothing", "grpc-previous-rpc-attempts", "grpc-trace-bin", "grpc-status"])
def test_names_that_grpc_has_reserved_are_passed_over(peer, name):
    assert peer.verdict(peer.request(SAY, (name, "AAAA"), body=message())) == "grpc 0"


def test_host_does_for_a_missing_authority(peer):
    fields = [pair for pair in request_fields(SAY, ("host", "test")) if pair[0] != ":authority"]
    assert peer.verdict(peer.raw_request(block(fields), body=message())) == "grpc 0"


def test_a_header_list_of_seven_kilobytes_passes_and_the_limit_is_told(peer):
    assert peer.settings[MAX_HEADER_LIST_SIZE] >= 8192
    more = [(f"x-{number}", "v" * 100) for number in range(50)]
    assert peer.verdict(peer.request(SAY, *more, body=message())) == "grpc 0"


@pytest.mark.parametrize("excess", [0, 1])
def test_a_header_list_at_its_limit_and_one_byte_beyond(peer, started, excess):
    fields = request_fields(SAY)
    # RFC 9113 §6.5.2: each field counts as name + value + 32 bytes.
    used = sum(len(name) + len(value) + 32 for name, value in fields)
    fields.append(("x", "v" * (peer.settings[MAX_HEADER_LIST_SIZE] - used - 33 + excess)))
    head = block(fields)
    before = started()
    # Longer than a frame, so it goes in two.
    stream = peer.new_stream()
    peer.send(headers(stream, head[:16000], end=False, flags=0), frame(CONTINUATION, END_HEADERS, stream, head[16000:]))
    peer.body(stream, message())
    assert peer.verdict(stream) == ("http 431" if excess else "grpc 0")
    assert started() == before + 1 - excess


def regular(*more):
    return request_fields(SAY, *more)


def without(name):
    return [pair for pair in regular() if pair[0] != name]


def twice(name):
    return [pair for pair in regular() for _ in range(2 if pair[0] == name else 1)]


def with_value(name, value):
    return [(key, value if key == name else old) for key, old in regular()]


# RFC 9113 §8.2 and §8.3.
MALFORMED = {
    "upper-case name": regular(("X-Any", "1")),
    "empty name": regular(("", "1")),
    "space in a name": regular(("x any", "1")),
    "colon in a name": regular(("x:any", "1")),
    "NUL in a name": regular(("x\0any", "1")),
    "connection": regular(("connection", "close")),
    "keep-alive": regular(("keep-alive", "1")),
    "proxy-connection": regular(("proxy-connection", "close")),
    "transfer-encoding": regular(("transfer-encoding", "chunked")),
    "upgrade": regular(("upgrade", "h2c")),
    "pseudo after regular": without(":path") + [(":path", SAY)],
    "unknown pseudo": [(":nothing", "1")] + regular(),
    ":status in a request": [(":status", "200")] + regular(),
    "two :method": twice(":method"),
    "two :path": twice(":path"),
    "two :scheme": twice(":scheme"),
    "two :authority": twice(":authority"),
    "no :method": without(":method"),
    "no :scheme": without(":scheme"),
    "no :path": without(":path"),
    "empty :path": with_value(":path", ""),
    "CR in a value": regular(("x-any", "a\rb")),
    "LF in a value": regular(("x-any", "a\nb")),
    "CR LF in a value": regular(("x-any", "a\r\nb: c")),
    "NUL in a value": regular(("x-any", "a\0b")),
    "space before a value": regular(("grpc-timeout", " 1H")),
    "space behind a value": regular(("grpc-timeout", "1H ")),
    "content-length that is no number": regular(("content-length", "five")),
    "content-length that is negative": regular(("content-length", "-1")),
    "two content-lengths": regular(("content-length", "5"), ("content-length", "6")),
    "content-length that is too short": regular(("content-length", "4")),
    "content-length that is too long": regular(("content-length", "6")),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_request_runs_nothing(peer, started, case):
    before = started()
    stream = peer.raw_request(block(MALFORMED[case]), body=message())
    assert peer.verdict(stream) in ("reset PROTOCOL_ERROR", "http 400")
    assert started() == before
    # The others on the connection are not concerned.
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"


def test_a_content_length_that_matches_is_fine(peer):
    assert peer.verdict(peer.request(SAY, ("content-length", "5"), body=message())) == "grpc 0"


def test_trailers_of_a_request_are_passed_over(peer):
    stream = peer.request(SAY, body=message(), end=False)
    peer.send(headers(stream, block([("x-any", "1")])))
    assert peer.verdict(stream) == "grpc 0"


def test_a_client_may_say_that_it_takes_no_pushes(server):
    with Peer(server.address, pairs=[(ENABLE_PUSH, 0)]) as peer:
        assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
