"""Peers that attack, while a normal caller beside them is served: see `Watch` for what must hold each time."""

import gzip
import struct

import pytest

from plenary_testing.calls import until
from plenary_testing.watch import Watch
from plenary_testing.wire import (
    CONTINUATION, DATA, INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, PADDED, PING, PRIORITY, PRIORITY_UPDATE, Peer, block,
    frame, headers, integer, literal, message, request_fields, rst_stream, settings, window_update,
)

SAY = "/kit.v1.Echo/Say"
SLEEP = "/kit.v1.Echo/Sleep"
BIG = "/kit.v1.Echo/Big"
STREAM = "/kit.v1.Echo/Stream"
UPLOAD = "/kit.v1.Echo/Upload"

REQUEST = block(request_fields(SAY))

# When bytes are still under way to a server that closes, the kernel drops its last words.
CUT = ("goaway ENHANCE_YOUR_CALM", "closed")

# As many peers attack at once, where one alone is bounded by what one connection may hold.
PEERS = 8


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture(scope="module")
def ask(stubs, kit):
    make_stub = stubs["kit/v1/echo.proto"][1].EchoStub
    return lambda channel: make_stub(channel).Say(kit.EchoMsg(n=1), timeout=10)


@pytest.fixture
def watch(server, ask):
    """`with watch() as server:` has the server serve others and stay small for the length of an attack."""
    return lambda: Watch(server, ask)


@pytest.fixture
def stat(stubs, kit, channel):
    make_stub = stubs["kit/v1/echo.proto"][1].EchoStub
    return lambda: make_stub(channel).Stat(kit.EchoMsg(), timeout=10)


# Floods of small frames.

FLOODS = {
    "PING": frame(PING, payload=bytes(8)),
    "empty SETTINGS": settings(),
    "SETTINGS of many values": settings([(0x99, 1)] * 1000),
    "SETTINGS that move every window": settings([(INITIAL_WINDOW_SIZE, 1)]) + settings([(INITIAL_WINDOW_SIZE, 2)]),
    "empty DATA": frame(DATA, 0, 1),
    "WINDOW_UPDATE of the connection": window_update(0, 1),
    "WINDOW_UPDATE of a stream": window_update(1, 1),
    "PRIORITY": frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 15)),
    "PRIORITY of new streams": b"".join(frame(PRIORITY, 0, 1001 + 2 * n, bytes(5)) for n in range(100)),
    "PRIORITY_UPDATE": frame(PRIORITY_UPDATE, 0, 0, struct.pack(">I", 1) + b"u=3"),
    "unknown frames": frame(0x42, 0, 0, bytes(100)),
    "long unknown frames": frame(0xFE, 0, 1, bytes(16384)),
    "RST_STREAM of a stream that is gone": rst_stream(1),
}


@pytest.mark.parametrize("reads", [True, False], ids=["who reads", "who does not read"])
@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_cut(watch, kind, reads):
    with watch() as server:
        with Peer(server.address) as peer:
            peer.request(SAY, end=False)
            piece = FLOODS[kind]
            peer.flood(piece, max(5000, 5_000_000 // len(piece)), seconds=5, reads=reads)
            assert peer.ending(seconds=5) in CUT


def test_a_client_that_pings_too_often_is_told_so(watch):
    # gRFC A8: PING every few minutes at most; two are forgiven, and what the server sends allows one.
    with watch() as server, Peer(server.address) as peer:
        for number in range(10):
            peer.send(frame(PING, payload=bytes([number] * 8)))
        assert peer.ending(seconds=5) == "goaway ENHANCE_YOUR_CALM"
        assert peer.goaway_text == "too_many_pings"


def test_padding_without_data_is_absorbed(watch):
    with watch() as server, Peer(server.address) as peer:
        stream = peer.request(SAY, end=False)
        peer.flood(frame(DATA, PADDED, stream, b"\xff" + bytes(255)), 20_000, seconds=5)
        assert peer.verdict(peer.request("/nothing")) in ("grpc 12", *CUT)


# Floods of requests.


def rapid(path, body):
    """Requests, each of which is reset as soon as it is made."""
    fields = block(request_fields(path))
    streams = range(1, 20_001, 2)
    ends = body is None
    return b"".join(
        headers(n, fields, end=ends) + (b"" if ends else frame(DATA, 1, n, body)) + rst_stream(n) for n in streams)


@pytest.mark.parametrize("path", [SAY, SLEEP, BIG, STREAM, "/nothing"])
def test_rapid_resets_are_cut_and_leave_no_handler(watch, kit, stat, path):
    with watch() as server:
        # CVE-2023-44487.
        bodies = {SLEEP: kit.SleepMsg(ms=600_000), BIG: kit.BigMsg(size=1000), STREAM: kit.BigMsg(size=1000, count=99)}
        body = message(bodies[path].SerializeToString()) if path in bodies else None
        with Peer(server.address) as peer:
            peer.flood(rapid(path, body), 1)
            assert peer.ending() in CUT
        until(stat, lambda now: now.active == 0)


# CVE-2025-8671: the server is made to reset.
PROVOKED = {
    "upper-case name": lambda n: headers(n, REQUEST + literal("X", "1")),
    "no path": lambda n: headers(n, block([(":method", "POST"), (":scheme", "http")])),
    "content-length that does not match": lambda n: headers(n, REQUEST + literal("content-length", "7")),
    "window beyond its limit": lambda n: headers(n, REQUEST, end=False) + window_update(n, 2**31 - 1),
    "DATA behind the end": lambda n: headers(n, REQUEST) + frame(DATA, 0, n, b"x"),
    "pseudo field in trailers": lambda n: headers(n, REQUEST, end=False) + headers(n, block([(":path", "/")])),
}


@pytest.mark.parametrize("kind", PROVOKED)
def test_resets_that_are_provoked_are_cut(watch, stat, kind):
    with watch() as server:
        with Peer(server.address) as peer:
            peer.flood(b"".join(PROVOKED[kind](n) for n in range(1, 20_001, 2)), 1)
            # Some of them are answered rather than reset, and then break what is left of the connection.
            assert peer.ending() in (*CUT, "goaway STREAM_CLOSED", "goaway PROTOCOL_ERROR")
        until(stat, lambda now: now.active == 0)


def test_requests_that_are_refused_are_cheap(watch):
    with watch() as server:
        with Peer(server.address) as peer:
            for _ in range(20):
                streams = [peer.request("/nothing") for _ in range(100)]
                assert {peer.verdict(stream) for stream in streams} == {"grpc 12"}


# Header lists.


@pytest.mark.parametrize("length", [0, 1, 1000, 16384])
def test_a_flood_of_continuation_is_cut(watch, length):
    with watch() as server:
        # CVE-2024-28182.
        with Peer(server.address) as peer:
            peer.send(headers(1, REQUEST, flags=0))
            # Not a field that ends: its text goes on and on.
            piece = frame(CONTINUATION, 0, 1, bytes(length))
            sent = peer.flood(piece, 100_000_000 // len(piece) if length > 1 else 500_000, seconds=5)
            assert peer.ending(seconds=5) in (*CUT, "goaway COMPRESSION_ERROR", "goaway PROTOCOL_ERROR")
            assert sent * len(piece) < 20_000_000


def test_a_header_bomb_ends_its_connection_before_it_is_built(watch):
    with watch() as server:
        # One field of 4,000 bytes in the table, named 12,000 times by one byte each: 48 MB from 16 kB.
        bomb = REQUEST + literal("x-bomb", b"b" * 3900, first=0x40) + integer(62, 7, 0x80) * 12_000
        for _ in range(PEERS):
            with Peer(server.address) as peer:
                peer.send(headers(1, bomb))
                assert peer.ending() in CUT


def test_header_lists_at_four_times_the_limit_are_refused_again_and_again(watch):
    with watch() as server:
        piece = literal("x-bomb", b"b" * 3900, first=0x40) + integer(62, 7, 0x80) * 7
        with Peer(server.address) as peer:
            for _ in range(200):
                assert peer.verdict(peer.raw_request(REQUEST + piece)) == "http 431"


def test_header_lists_that_are_not_finished_take_no_room(watch):
    with watch() as server:
        open_ = []
        try:
            for _ in range(200):
                peer = Peer(server.address)
                open_.append(peer)
                peer.send(headers(1, REQUEST + literal("x", b"v" * 15_000)[:14_000], flags=0))
        finally:
            for peer in open_:
                peer.close()


# Memory.


@pytest.mark.parametrize("size", [100_000, 4_000_000])
def test_big_answers_that_nobody_takes_are_bounded(watch, kit, size):
    with watch() as server:
        body = message(kit.BigMsg(size=size).SerializeToString())
        peers = []
        try:
            for _ in range(PEERS):
                peer = Peer(server.address, window=0)
                peers.append(peer)
                for _ in range(peer.settings[MAX_CONCURRENT_STREAMS] // 2):
                    peer.request(BIG, body=body)
                peer.ping()
        finally:
            for peer in peers:
                peer.close()


def test_streams_that_nobody_takes_are_bounded(watch, kit):
    with watch() as server:
        body = message(kit.BigMsg(size=100_000, count=1_000_000).SerializeToString())
        with Peer(server.address, window=0) as peer:
            for _ in range(100):
                peer.request(STREAM, body=body)
            assert peer.verdict(peer.request("/nothing")) == "grpc 12"


@pytest.mark.parametrize("path", [SAY, UPLOAD])
def test_messages_that_are_never_finished_are_bounded(watch, path):
    with watch() as server:
        # As much of every message as the server lets in: all but a byte of a megabyte, two hundred times.
        peers = [Peer(server.address) for _ in range(2)]
        try:
            for peer in peers:
                send_what_is_let_in(peer, path, message(length=1_000_000) + bytes(999_999), times=100)
        finally:
            for peer in peers:
                peer.close()


def send_what_is_let_in(peer, path, body, times):
    """Begins requests and sends their bodies side by side, until they are there or the windows stay shut."""
    rest = {peer.request(path, end=False): body for _ in range(times)}
    while rest:
        went = {stream for stream, left in rest.items() if peer.offer(stream, left[:16384])}
        rest = {stream: left[16384:] if stream in went else left for stream, left in rest.items()}
        rest = {stream: left for stream, left in rest.items() if left and not peer.partial(stream).verdict}
        if not peer.listen(0 if went else 0.5) and not went:
            return


def test_messages_of_nothing_but_structure_are_bounded(watch, kit):
    with watch() as server:
        # Empty messages within messages take the most memory for each byte.
        body = message(b"\x1a\x00" * 250_000)
        with Peer(server.address) as peer:
            for _ in range(4):
                assert peer.verdict(peer.request(SAY, body=body)) in ("grpc 0", "grpc 8", "grpc 13")


def test_the_deepest_message_harms_nobody(watch):
    with watch() as server:
        with Peer(server.address) as peer:
            for tag in (b"\x1a", b"\x7b", b"\x7a"):
                assert peer.verdict(peer.request(SAY, body=message(tag * 400_000))) == "grpc 13"


@pytest.mark.parametrize("path", [SAY, UPLOAD])
def test_gzip_bombs_stop_at_the_limit(watch, path):
    # 200 MB from 200 kB, each.
    bomb = message(gzip.compress(bytes(200_000_000)), flag=1)
    with watch() as server, Peer(server.address) as peer:
        streams = [peer.request(path, ("grpc-encoding", "gzip"), body=bomb) for _ in range(20)]
        assert {peer.verdict(stream) for stream in streams} == {"grpc 8"}


# Many connections.


def test_connections_that_say_nothing_leave_room(watch):
    with watch() as server:
        peers = []
        try:
            for _ in range(300):
                peers.append(Peer(server.address, handshake=False))
        finally:
            for peer in peers:
                peer.close()


def test_connections_that_come_and_go(watch):
    with watch() as server:
        for start in (b"", b"PRI", b"GET / HTTP/1.1\r\n\r\n", bytes(100)):
            for linger in (None, 0):
                for _ in range(50):
                    peer = Peer(server.address, handshake=False)
                    peer.send(start)
                    peer.close(linger)
