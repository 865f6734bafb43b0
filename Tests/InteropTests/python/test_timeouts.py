"""What is half sent, and who takes nothing, is ended by the server's timeouts. All of them wait side by side."""

import threading
import time
from contextlib import ExitStack

import pytest

from plenary_testing.wire import (
    END_HEADERS, HEADERS, PREFACE, Peer, block, frame, headers, message, request_fields, settings,
)

pytestmark = pytest.mark.full

SAY = "/kit.v1.Echo/Say"
BIG = "/kit.v1.Echo/Big"
UPLOAD = "/kit.v1.Echo/Upload"

REQUEST = block(request_fields(SAY))

# The defaults of the server, a quarter of it later at most, and some time for a busy machine.
HANDSHAKE_SECONDS = 10 * 1.25 + 5
STALL_SECONDS = 60 * 1.25 + 10

# What a peer sends before it falls silent.
HALF_SENT = {
    "nothing": b"",
    "half a preface": PREFACE[:10],
    "the preface alone": PREFACE,
    "half of SETTINGS": PREFACE + settings([(4, 1)])[:5],
    "a list without its end": PREFACE + settings() + headers(1, REQUEST, flags=0),
    "half a frame of a list": PREFACE + settings() + headers(1, REQUEST)[:20],
    "the head of a frame of a list": PREFACE + settings() + frame(HEADERS, END_HEADERS, 1, length=1000),
}

# What a peer sends first of what it goes on with byte by byte, one each half second.
DRIPPED = {
    "dripped preface": (b"", PREFACE),
    "dripped list": (PREFACE + settings() + frame(HEADERS, END_HEADERS, 1, length=1000), REQUEST),
}


@pytest.fixture(scope="module")
def peers(server, stubs):
    """A peer for each case, all begun now."""
    with ExitStack() as stack:
        made = {}
        starts = HALF_SENT | {case: start for case, (start, _) in DRIPPED.items()}
        for case, start in starts.items():
            made[case] = stack.enter_context(Peer(server.address, handshake=False))
            made[case].send(start)
        for path in (SAY, UPLOAD):
            made[path] = stack.enter_context(Peer(server.address))
            made[path].request(path, body=message(length=1000) + b"x", end=False)
        big = stubs["kit/v1/echo.proto"][0].BigMsg(size=1_000_000).SerializeToString()
        made[BIG] = stack.enter_context(Peer(server.address, window=0))
        made[BIG].request(BIG, body=message(big))
        made["begun"] = time.monotonic()
        stopped = threading.Event()
        dripping = threading.Thread(target=drip, args=(made, stopped))
        dripping.start()
        yield made
        stopped.set()
        dripping.join()


def drip(peers, stopped):
    for number in range(100):
        if stopped.wait(0.5):
            return
        for case, (_, rest) in DRIPPED.items():
            # Each goes on and never comes to its end.
            peers[case].send(rest[number : number + 1] if number < len(rest) - 1 else b"")


def left(peers, seconds):
    """What is left of a time that has run since all began."""
    return max(0.1, peers["begun"] + seconds - time.monotonic())


@pytest.mark.parametrize("case", [*HALF_SENT, *DRIPPED])
def test_a_handshake_or_a_header_list_that_does_not_end_is_cut(peers, case):
    assert peers[case].ending(left(peers, HANDSHAKE_SECONDS))


@pytest.mark.parametrize("path", [SAY, UPLOAD])
def test_a_request_that_does_not_go_on_is_ended(peers, path):
    assert peers[path].verdict(1, left(peers, STALL_SECONDS)) == "grpc 4"


def test_an_answer_that_nobody_takes_is_ended(peers):
    assert peers[BIG].verdict(1, left(peers, STALL_SECONDS)).startswith(("reset", "goaway", "closed"))
