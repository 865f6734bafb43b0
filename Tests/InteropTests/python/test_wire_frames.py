"""Frames as RFC 9113 has them, and every way to break its rules: which error comes, and whom it concerns."""

import struct

import pytest

from plenary_testing.calls import until
from plenary_testing.wire import (
    ACK, CONTINUATION, DATA, ENABLE_PUSH, END_HEADERS, END_STREAM, GOAWAY, HEADER_TABLE_SIZE, HEADERS,
    INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, MAX_FRAME_SIZE, PADDED, PING, PREFACE, PRIORITY, PRIORITY_UPDATE,
    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_MAX, WINDOW_UPDATE, Peer, block, frame, headers, message, request_fields, rst_stream, settings,
    window_update,
)

SAY = "/kit.v1.Echo/Say"
SLEEP = "/kit.v1.Echo/Sleep"
BIG = "/kit.v1.Echo/Big"
DUPLEX = "/grpc.testing.TestService/FullDuplexCall"

REQUEST = block(request_fields(SAY))


@pytest.fixture
def peer(server):
    with Peer(server.address) as peer:
        yield peer


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture
def stat(stubs, channel):
    messages, services = stubs["kit/v1/echo.proto"]
    return lambda: services.EchoStub(channel).Stat(messages.EchoMsg(), timeout=10)


@pytest.fixture
def slept(kit):
    return message(kit.SleepMsg(ms=600_000).SerializeToString())


# The start.

CLIENT_HELLO = bytes.fromhex("16030100") + bytes([200]) + b"\x01\x00\x00\xc4\x03\x03" + bytes(194)


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
        b"POST /kit.v1.Echo/Say HTTP/1.0\r\n\r\n",
        b"PRI * HTTP/1.1\r\n\r\n",
        CLIENT_HELLO,
        PREFACE[:-1] + b"x" + settings(),
        b"\0" * 24,
        PREFACE + frame(PING, payload=bytes(8)),
        PREFACE + frame(DATA, 0, 1, b"x"),
        PREFACE + headers(1, REQUEST),
        PREFACE + settings(flags=ACK),
    ],
    ids=[
        "HTTP 1.1", "HTTP 1.0", "HTTP 1.1 with PRI", "TLS", "preface with a wrong byte", "zeros", "PING first",
        "DATA first", "HEADERS first", "acknowledgement first",
    ],
)
def test_what_does_not_begin_like_http_2_is_cut_at_once(server, start):
    with Peer(server.address, handshake=False) as peer:
        peer.send(start)
        assert peer.ending(seconds=5) in ("goaway PROTOCOL_ERROR", "closed")


def test_a_preface_may_come_byte_by_byte(server):
    with Peer(server.address, handshake=False) as peer:
        for byte in PREFACE + settings() + headers(1, REQUEST, end=False) + frame(DATA, END_STREAM, 1, message()):
            peer.send(bytes([byte]))
        assert peer.verdict(1) == "grpc 0"


# What has to be answered, and what is passed over.


def test_each_settings_is_acknowledged(peer):
    for pairs in ([], [(INITIAL_WINDOW_SIZE, 100_000)], [(0xFFFF, 7), (0x0, 1)], [(MAX_CONCURRENT_STREAMS, 0)]):
        peer.send(settings(pairs))
    peer.wait(lambda: peer.settings_acks == 5)
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"


def test_a_ping_comes_back_with_its_eight_bytes(peer):
    assert peer.ping(b"\0\1\2\3\xff\xfe\xfd\xfc")


@pytest.mark.parametrize(
    "piece",
    [
        frame(0x42, 0xFF, 0, b"anything"),
        frame(0xFF, 0xFF, 1, bytes(1000)),
        frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 15)),
        frame(PRIORITY, 0, 999, struct.pack(">IB", 1, 15)),
        frame(PRIORITY_UPDATE, 0, 0, struct.pack(">I", 1) + b"u=3"),
        frame(PING, ACK, 0, bytes(8)),
        frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0) + b"soon"),
        settings([(0x99, 1)]),
        window_update(0, 1),
    ],
    ids=[
        "unknown frame", "unknown frame on a stream", "PRIORITY", "PRIORITY of an idle stream", "PRIORITY_UPDATE",
        "PING that nobody waits for", "GOAWAY of a client", "unknown setting", "WINDOW_UPDATE",
    ],
)
def test_what_means_nothing_here_is_passed_over(peer, piece):
    stream = peer.request(SAY, end=False)
    peer.send(piece)
    peer.body(stream, message())
    assert peer.verdict(stream) == "grpc 0"


def test_unknown_flags_mean_nothing(peer):
    head = headers(1, REQUEST, end=False, flags=END_HEADERS | 0x40 | 0x10)
    peer.send(head, frame(DATA, END_STREAM | 0x40, 1, message()))
    assert peer.verdict(1) == "grpc 0"


def test_a_header_list_may_come_in_many_frames(peer):
    peer.send(headers(1, REQUEST[:1], end=False, flags=0))
    for start in range(1, len(REQUEST), 20):
        is_last = start + 20 >= len(REQUEST)
        peer.send(frame(CONTINUATION, END_HEADERS if is_last else 0, 1, REQUEST[start : start + 20]))
    peer.body(1, message())
    assert peer.verdict(1) == "grpc 0"


# What ends the connection. Stream 1 is open each time.

CONNECTION_ERRORS = {
    "SETTINGS of 5 bytes": (frame(SETTINGS, payload=bytes(5)), "FRAME_SIZE_ERROR"),
    "SETTINGS on a stream": (settings(stream=1), "PROTOCOL_ERROR"),
    "acknowledgement with a payload": (settings([(1, 1)], ACK), "FRAME_SIZE_ERROR"),
    "ENABLE_PUSH 2": (settings([(ENABLE_PUSH, 2)]), "PROTOCOL_ERROR"),
    "INITIAL_WINDOW_SIZE 2^31": (settings([(INITIAL_WINDOW_SIZE, 2**31)]), "FLOW_CONTROL_ERROR"),
    "MAX_FRAME_SIZE too small": (settings([(MAX_FRAME_SIZE, 16383)]), "PROTOCOL_ERROR"),
    "MAX_FRAME_SIZE too large": (settings([(MAX_FRAME_SIZE, 2**24)]), "PROTOCOL_ERROR"),
    "PING of 7 bytes": (frame(PING, payload=bytes(7)), "FRAME_SIZE_ERROR"),
    "PING on a stream": (frame(PING, 0, 1, bytes(8)), "PROTOCOL_ERROR"),
    "GOAWAY on a stream": (frame(GOAWAY, 0, 1, bytes(8)), "PROTOCOL_ERROR"),
    "GOAWAY of 7 bytes": (frame(GOAWAY, payload=bytes(7)), "FRAME_SIZE_ERROR"),
    "WINDOW_UPDATE 0": (window_update(0, 0), "PROTOCOL_ERROR"),
    "WINDOW_UPDATE of 3 bytes": (frame(WINDOW_UPDATE, payload=bytes(3)), "FRAME_SIZE_ERROR"),
    "WINDOW_UPDATE of an idle stream": (window_update(99, 1), "PROTOCOL_ERROR"),
    "window beyond 2^31 - 1": (window_update(0, WINDOW_MAX), "FLOW_CONTROL_ERROR"),
    "RST_STREAM on no stream": (rst_stream(0), "PROTOCOL_ERROR"),
    "RST_STREAM of an idle stream": (rst_stream(99), "PROTOCOL_ERROR"),
    "RST_STREAM of 3 bytes": (frame(RST_STREAM, 0, 1, bytes(3)), "FRAME_SIZE_ERROR"),
    "PRIORITY of 4 bytes": (frame(PRIORITY, 0, 1, bytes(4)), "FRAME_SIZE_ERROR"),
    "DATA on no stream": (frame(DATA, 0, 0, b"x"), "PROTOCOL_ERROR"),
    "DATA on an idle stream": (frame(DATA, 0, 99, b"x"), "PROTOCOL_ERROR"),
    "DATA longer than a frame may be": (frame(DATA, 0, 1, bytes(16385)), "FRAME_SIZE_ERROR"),
    "padding longer than its DATA": (frame(DATA, PADDED, 1, b"\x05abc"), "PROTOCOL_ERROR"),
    "padding longer than its HEADERS": (frame(HEADERS, PADDED | END_HEADERS, 3, b"\xff" + REQUEST), "PROTOCOL_ERROR"),
    "HEADERS on no stream": (headers(0, REQUEST), "PROTOCOL_ERROR"),
    "HEADERS on an even stream": (headers(2, REQUEST), "PROTOCOL_ERROR"),
    "PUSH_PROMISE of a client": (frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + REQUEST), "PROTOCOL_ERROR"),
    "CONTINUATION of nothing": (frame(CONTINUATION, END_HEADERS, 1, REQUEST), "PROTOCOL_ERROR"),
    "CONTINUATION of another stream": (
        headers(3, REQUEST, flags=0) + frame(CONTINUATION, END_HEADERS, 5), "PROTOCOL_ERROR"),
    "DATA within a header list": (headers(3, REQUEST, flags=0) + frame(DATA, 0, 1, b"x"), "PROTOCOL_ERROR"),
    "unknown frame within a header list": (headers(3, REQUEST, flags=0) + frame(0x42, 0, 3), "PROTOCOL_ERROR"),
    "HPACK index 0": (headers(3, REQUEST + b"\x80"), "COMPRESSION_ERROR"),
    "HPACK index beyond the table": (headers(3, REQUEST + b"\xff\x80\x01"), "COMPRESSION_ERROR"),
    "HPACK index without an end": (headers(3, REQUEST + b"\xff" + b"\xff" * 20), "COMPRESSION_ERROR"),
    "HPACK text that is cut": (headers(3, REQUEST + b"\x00\x05abc"), "COMPRESSION_ERROR"),
    "HPACK table larger than allowed": (headers(3, b"\x3f\xe1\xff\x03" + REQUEST), "COMPRESSION_ERROR"),
    "HPACK table size behind a field": (headers(3, REQUEST + b"\x20"), "COMPRESSION_ERROR"),
    "Huffman code of the end": (headers(3, REQUEST + b"\x00\x84\xff\xff\xff\xff\x01a"), "COMPRESSION_ERROR"),
    "Huffman padding of zeros": (headers(3, REQUEST + b"\x00\x81\x00\x01a"), "COMPRESSION_ERROR"),
}


@pytest.mark.parametrize("case", CONNECTION_ERRORS)
def test_what_breaks_the_connection_ends_it_with_its_code(peer, case):
    piece, code = CONNECTION_ERRORS[case]
    peer.request(SAY, end=False)
    peer.send(piece)
    assert peer.ending() == f"goaway {code}"


def test_priority_on_no_stream_ends_the_connection(peer):
    peer.send(frame(PRIORITY, 0, 0, bytes(5)))
    assert not peer.ping()
    assert peer.ending() == "goaway PROTOCOL_ERROR"


# What ends a stream and nothing else.

STREAM_ERRORS = {
    "window beyond 2^31 - 1": (window_update(1, WINDOW_MAX), "FLOW_CONTROL_ERROR"),
    "pseudo field in trailers": (headers(1, block([(":path", "/")])), "PROTOCOL_ERROR"),
    "upper case in trailers": (headers(1, block([("X-Any", "1")])), "PROTOCOL_ERROR"),
    "trailers that are not the end": (headers(1, block([("x-any", "1")]), end=False), "PROTOCOL_ERROR"),
}


@pytest.mark.parametrize("case", STREAM_ERRORS)
def test_what_breaks_a_stream_resets_it_alone(peer, stat, case):
    piece, code = STREAM_ERRORS[case]
    before = stat()
    stream = peer.request(SAY, end=False)
    peer.send(piece)
    assert peer.verdict(stream) == f"reset {code}"
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
    assert stat().started == before.started + 1


def test_a_window_update_of_zero_on_a_stream_is_a_protocol_error(peer, stat):
    before = stat()
    stream = peer.request(SAY, end=False)
    peer.send(window_update(stream, 0))
    # RFC 9113 §5.4.2: an error of a stream may be treated as one of the connection.
    assert peer.verdict(stream) in ("reset PROTOCOL_ERROR", "goaway PROTOCOL_ERROR")
    assert stat().started == before.started


@pytest.mark.parametrize(
    "piece", [frame(DATA, END_STREAM, 1, b"more"), headers(1, REQUEST)], ids=["DATA", "HEADERS"]
)
def test_nothing_may_come_behind_the_end_of_a_request(peer, slept, piece):
    stream = peer.request(SLEEP, body=slept)
    peer.send(piece)
    assert peer.verdict(stream) in ("reset STREAM_CLOSED", "goaway STREAM_CLOSED")


@pytest.mark.parametrize(
    "piece",
    [frame(DATA, 0, 1, b"late"), rst_stream(1), window_update(1, 1)],
    ids=["DATA", "RST_STREAM", "WINDOW_UPDATE"],
)
def test_frames_of_a_stream_that_is_gone_harm_nobody(peer, piece):
    stream = peer.request(SAY, end=False)
    peer.send(rst_stream(stream), piece)
    other = peer.request(SAY, body=message())
    assert peer.verdict(other) in ("grpc 0", "goaway STREAM_CLOSED")


def test_a_stream_number_that_is_lower_than_the_last_begins_nothing(peer, stat):
    assert peer.verdict(peer.raw_request(REQUEST, body=message(), stream=5)) == "grpc 0"
    before = stat().started
    peer.send(headers(3, REQUEST, end=False), frame(DATA, END_STREAM, 3, message()))
    assert not peer.ping()
    assert peer.ending() in ("goaway PROTOCOL_ERROR", "goaway STREAM_CLOSED")
    assert stat().started == before


# Windows.


def test_a_handler_that_does_not_read_holds_its_caller_back(peer, stubs):
    messages = stubs["grpc/testing/messages.proto"][0]
    late = messages.ResponseParameters(interval_us=600_000_000)
    waits = messages.StreamingOutputCallRequest(response_parameters=[late])
    stream = peer.request(DUPLEX, body=message(waits.SerializeToString()), end=False)
    # Each of these is a whole message; nobody reads them, so that no credit comes back.
    payload = messages.StreamingOutputCallRequest(payload=messages.Payload(body=bytes(16000))).SerializeToString()
    room = peer.settings[INITIAL_WINDOW_SIZE]
    for _ in range(room // len(payload) - 1):
        peer.send(frame(DATA, 0, stream, message(payload)))
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
    assert peer.partial(stream).verdict is None
    peer.send(*[frame(DATA, 0, stream, message(payload))] * 3)
    assert peer.verdict(stream) in ("reset FLOW_CONTROL_ERROR", "goaway FLOW_CONTROL_ERROR")


def test_a_window_of_zero_holds_the_data_back_and_not_the_headers(server, kit):
    with Peer(server.address, window=0) as peer:
        stream = peer.request(BIG, body=message(kit.BigMsg(size=30_000).SerializeToString()))
        peer.wait(lambda: peer.partial(stream).lists)
        assert peer.ping() and not peer.partial(stream).body
        peer.send(window_update(stream, 10))
        peer.wait(lambda: len(peer.partial(stream).body) == 10)
        # A window may be taken back below zero: what comes next only makes up for that.
        peer.send(settings([(INITIAL_WINDOW_SIZE, 1000)]))
        peer.wait(lambda: len(peer.partial(stream).body) == 1010)
        peer.send(settings([(INITIAL_WINDOW_SIZE, 0)]), window_update(stream, 900))
        assert peer.ping(b"negative") and len(peer.partial(stream).body) == 1010
        peer.send(window_update(stream, 30_000))
        assert peer.verdict(stream) == "grpc 0"


def test_trailers_need_no_window(server, kit):
    with Peer(server.address, window=0) as peer:
        assert peer.verdict(peer.request("/kit.v1.Echo/Stream", body=message())) == "grpc 0"


def test_the_window_of_the_connection_is_honoured(server, kit):
    with Peer(server.address, window=65535) as peer:
        body = message(kit.BigMsg(size=60_000).SerializeToString())
        streams = [peer.request(BIG, body=body) for _ in range(3)]
        peer.wait(lambda: sum(len(peer.partial(stream).body) for stream in streams) == 65535)
        assert peer.ping() and sum(len(peer.partial(stream).body) for stream in streams) == 65535
        peer.send(window_update(0, 200_000))
        assert [peer.verdict(stream) for stream in streams] == ["grpc 0"] * 3


@pytest.mark.parametrize("frame_bytes", [16384, 20000, 2**24 - 1])
def test_frames_are_no_longer_than_the_peer_allows(server, kit, frame_bytes):
    with Peer(server.address, pairs=[(MAX_FRAME_SIZE, frame_bytes)]) as peer:
        answer = peer.answer(peer.request(BIG, body=message(kit.BigMsg(size=300_000).SerializeToString())))
        assert answer.verdict == "grpc 0"
        assert max(length for _, _, length in answer.frames) <= frame_bytes


def test_a_header_table_of_size_zero_is_honoured(server):
    with Peer(server.address, pairs=[(HEADER_TABLE_SIZE, 0)]) as peer:
        for _ in range(3):
            assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"


# How many streams there may be.


def test_streams_beyond_the_advertised_limit_do_not_begin(peer, stat, slept):
    limit = peer.settings[MAX_CONCURRENT_STREAMS]
    assert 100 <= limit <= 1000
    before = stat()
    for _ in range(limit):
        peer.request(SLEEP, body=slept)
    until(stat, lambda now: now.active == before.active + limit)
    assert peer.verdict(peer.request(SLEEP, body=slept)) in ("reset REFUSED_STREAM", "goaway PROTOCOL_ERROR")
    assert stat().started == before.started + limit
    peer.close()
    until(stat, lambda now: now.active == before.active)


@pytest.mark.parametrize("code", [0, 1, 2, 7, 8, 11, 0xFFFF])
def test_a_reset_of_any_code_cancels_the_handler_and_no_other(peer, stat, slept, code):
    before = stat()
    first, second = peer.request(SLEEP, body=slept), peer.request(SLEEP, body=slept)
    until(stat, lambda now: now.active == before.active + 2)
    peer.send(rst_stream(first, code))
    until(stat, lambda now: now.cancelled == before.cancelled + 1)
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
    assert stat().active == before.active + 1
    assert peer.partial(second).verdict is None
    peer.close()
    until(stat, lambda now: now.active == before.active)


@pytest.mark.parametrize("linger", [None, 0], ids=["FIN", "RST"])
def test_a_lost_connection_cancels_its_handlers(server, stat, slept, linger):
    before = stat()
    peer = Peer(server.address)
    for _ in range(5):
        peer.request(SLEEP, body=slept)
    until(stat, lambda now: now.active == before.active + 5)
    peer.close(linger)
    until(stat, lambda now: now.cancelled == before.cancelled + 5)
