"""Peers that attack a registry, while its other callers are served. The test server's suite has the many kinds."""

import pytest

from plenary_testing.calls import CALL_SECONDS
from plenary_testing.registry import RegistryClient, plenaryd
from plenary_testing.watch import Watch
from plenary_testing.wire import (
    CONTINUATION, PING, Peer, block, frame, headers, integer, literal, message, request_fields, rst_stream, settings,
)

LIST = "/plenary.v1.DialogueService/ListDialogues"
EXPORT = "/plenary.v1.ExportService/ExportRegistry"
IMPORT = "/plenary.v1.ImportService/ImportRegistry"
GET = "/plenary.v1.DialogueService/GetDialogue"

DIALOGUE = "dialogues/asia-ict-ct-3"

# When bytes are still under way to a server that closes, the kernel drops its last words.
CUT = ("goaway ENHANCE_YOUR_CALM", "closed")


@pytest.fixture(scope="module")
def daemon(api):
    """A registry with the example, which has to end well behind all the attacks."""
    with plenaryd() as daemon:
        with RegistryClient(api, daemon.address) as client:
            assert client.import_records(api.example()).summary.applied
        yield daemon


@pytest.fixture
def watch(daemon, api):
    """`with watch() as daemon:` has the registry answer others and stay small for the length of an attack."""

    def ask(channel):
        request = api.request("GetDialogue", name=DIALOGUE)
        assert api.stub(channel, "GetDialogue")(request, timeout=CALL_SECONDS).name == DIALOGUE

    return lambda: Watch(daemon, ask)


@pytest.mark.parametrize("path", [LIST, EXPORT, IMPORT, GET])
def test_rapid_resets_are_cut(watch, path):
    # CVE-2023-44487.
    fields = block(request_fields(path))
    flood = b"".join(
        headers(n, fields, end=False) + frame(0, 1, n, message()) + rst_stream(n) for n in range(1, 20_001, 2))
    with watch() as daemon, Peer(daemon.address) as peer:
        peer.flood(flood, 1)
        assert peer.ending() in CUT


@pytest.mark.parametrize("piece", [frame(PING, payload=bytes(8)), settings()], ids=["PING", "SETTINGS"])
def test_floods_are_cut(watch, piece):
    with watch() as daemon, Peer(daemon.address) as peer:
        peer.flood(piece, 100_000, reads=False)
        assert peer.ending() in CUT


def test_a_header_bomb_is_cut(watch):
    bomb = block(request_fields(LIST)) + literal("x-bomb", b"b" * 3900, first=0x40) + integer(62, 7, 0x80) * 12_000
    with watch() as daemon, Peer(daemon.address) as peer:
        peer.send(headers(1, bomb))
        assert peer.ending() in CUT


def test_a_flood_of_continuation_is_cut(watch):
    with watch() as daemon, Peer(daemon.address) as peer:
        peer.send(headers(1, block(request_fields(LIST)), flags=0))
        peer.flood(frame(CONTINUATION, 0, 1, bytes(1000)), 50_000)
        assert peer.ending() in (*CUT, "goaway COMPRESSION_ERROR")


@pytest.mark.parametrize("path", [LIST, EXPORT])
def test_answers_that_nobody_takes_are_bounded(watch, path):
    with watch() as daemon:
        peers = [Peer(daemon.address, window=0) for _ in range(8)]
        for peer in peers:
            for _ in range(100):
                peer.request(path, body=message())
            peer.wait(lambda: peer.partial(199).lists)
        for peer in peers:
            peer.close()


@pytest.mark.parametrize("payload", [b"\x0a\x01\xff", b"\x7b" * 200_000, b"\xff" * 100, b"\x0a\xff\xff\xff\xff\x0f"])
@pytest.mark.parametrize("path", [IMPORT, GET])
def test_bytes_that_are_no_message_are_refused(watch, path, payload):
    with watch() as daemon, Peer(daemon.address) as peer:
        assert peer.verdict(peer.request(path, body=message(payload))) in ("grpc 13", "grpc 3")


def test_an_import_that_never_ends_holds_up_nobody(watch, api):
    theme = api.ImportRegistryRequest(record=api.Record(theme=api.theme(name="themes/unfinished")))
    header = api.ImportRegistryRequest(header=api.ImportRegistryRequest.Header())
    with watch() as daemon, Peer(daemon.address) as peer:
        stream = peer.request(IMPORT, end=False)
        peer.body(stream, message(header.SerializeToString()), end=False)
        peer.body(stream, message(theme.SerializeToString()) * 1000, end=False)
        # A write of somebody else goes through meanwhile.
        with RegistryClient(api, daemon.address) as other:
            other.CreateTheme(theme_id="meanwhile", theme=api.theme())
            other.DeleteTheme(name="themes/meanwhile")
        assert peer.partial(stream).verdict is None
