"""Every shape of a message, from its prefix to its protobuf, gets a definite answer."""

import gzip

import pytest

from plenary_testing import ServerProcess
from plenary_testing.wire import DATA, END_STREAM, PADDED, Peer, frame, message

SAY = "/kit.v1.Echo/Say"
BIG = "/kit.v1.Echo/Big"
STREAM = "/kit.v1.Echo/Stream"
UPLOAD = "/kit.v1.Echo/Upload"
DUPLEX = "/grpc.testing.TestService/FullDuplexCall"

ONE_REQUEST = [SAY, STREAM]
MANY_REQUESTS = [UPLOAD, DUPLEX]

LIMIT = 4 * 1024 * 1024


@pytest.fixture
def peer(server):
    with Peer(server.address) as peer:
        yield peer


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture
def started(stubs, channel):
    """How many handlers of Echo have started."""
    messages, services = stubs["kit/v1/echo.proto"]
    return lambda: services.EchoStub(channel).Stat(messages.EchoMsg(), timeout=10).started


# Frames and messages are not aligned.


@pytest.mark.parametrize("size", [1, 2, 5, 6, 1000])
def test_a_message_may_be_cut_anywhere(peer, kit, size):
    payload = kit.EchoMsg(text="x" * 300).SerializeToString()
    stream = peer.request(SAY, end=False)
    peer.body(stream, message(payload), size=size)
    answer = peer.answer(stream)
    assert (answer.verdict, answer.messages) == ("grpc 0", [payload])


def test_many_messages_may_be_in_one_frame(peer, kit):
    body = message(kit.EchoMsg(text="abc").SerializeToString()) * 500
    answer = peer.answer(peer.request(UPLOAD, body=body))
    assert kit.EchoMsg.FromString(answer.messages[0]).n == 1500


def test_empty_data_between_and_behind_is_nothing(peer, kit):
    payload = kit.EchoMsg(text="x").SerializeToString()
    stream = peer.request(SAY, end=False)
    for byte in message(payload):
        peer.send(frame(DATA, 0, stream), frame(DATA, 0, stream, bytes([byte])))
    peer.send(frame(DATA, END_STREAM, stream))
    assert peer.answer(stream).messages == [payload]


@pytest.mark.parametrize("padding", [0, 1, 255])
def test_padding_is_not_part_of_a_message(peer, kit, padding):
    payload = kit.EchoMsg(text="x").SerializeToString()
    stream = peer.request(SAY, end=False)
    peer.send(frame(DATA, END_STREAM | PADDED, stream, bytes([padding]) + message(payload) + bytes(padding)))
    assert peer.answer(stream).messages == [payload]


# How many there are, and where they end.


def test_an_empty_message_is_a_message(peer):
    assert peer.answer(peer.request(SAY, body=message())).messages == [b""]


@pytest.mark.parametrize("path", ONE_REQUEST)
@pytest.mark.parametrize("body", [None, b""], ids=["end on headers", "end on empty data"])
def test_no_message_where_one_belongs_is_unimplemented(peer, started, path, body):
    before = started()
    assert peer.verdict(peer.request(path, body=body)) == "grpc 12"
    assert started() == before


@pytest.mark.parametrize("path", ONE_REQUEST)
def test_two_messages_where_one_belongs_are_unimplemented(peer, started, path):
    before = started()
    assert peer.verdict(peer.request(path, body=message() + message())) == "grpc 12"
    assert started() == before


@pytest.mark.parametrize("path", MANY_REQUESTS)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_stream_of_requests_has_any_number(peer, path, count):
    assert peer.verdict(peer.request(path, body=message() * count)) == "grpc 0"


@pytest.mark.parametrize("path", ONE_REQUEST + MANY_REQUESTS)
@pytest.mark.parametrize("body", [b"\0", b"\0\0\0\0", message(length=1), message(b"\x0a\x01x", length=100)])
def test_a_message_that_is_cut_off_is_internal(peer, path, body):
    assert peer.verdict(peer.request(path, body=body)) == "grpc 13"


@pytest.mark.parametrize("path", ONE_REQUEST)
@pytest.mark.parametrize("rest", [b"\0", b"\0\0\0\0\1", b"left over"])
def test_bytes_behind_the_one_message_are_refused(peer, path, rest):
    assert peer.verdict(peer.request(path, body=message() + rest)) == "grpc 13"


# The prefix.


@pytest.mark.parametrize("path", ONE_REQUEST + MANY_REQUESTS)
@pytest.mark.parametrize("flag", [2, 3, 128, 255])
def test_a_flag_other_than_0_or_1_is_internal(peer, path, flag):
    assert peer.verdict(peer.request(path, body=message(flag=flag))) == "grpc 13"


@pytest.mark.parametrize("encoding", [[], [("grpc-encoding", "identity")]], ids=["none", "identity"])
def test_a_compressed_message_without_an_encoding_is_internal(peer, encoding):
    answer = peer.answer(peer.request(SAY, *encoding, body=message(b"x", flag=1)))
    assert answer.verdict == "grpc 13"
    assert "compress" in answer.trailers["grpc-message"]


@pytest.mark.parametrize("encoding", ["br", "zstd", "GZIP", "", "gzip, identity"])
def test_an_unknown_encoding_is_unimplemented_and_the_known_ones_are_named(peer, encoding):
    answer = peer.answer(peer.request(SAY, ("grpc-encoding", encoding), body=message()))
    assert answer.verdict == "grpc 12"
    accepted = answer.headers["grpc-accept-encoding"].split(",")
    assert "identity" in accepted
    assert encoding not in accepted


@pytest.mark.parametrize("path", ONE_REQUEST + MANY_REQUESTS)
@pytest.mark.parametrize("length", [LIMIT + 1, 2**31, 2**32 - 1])
def test_a_length_beyond_the_limit_is_refused_from_the_prefix_alone(peer, path, length):
    # Not a byte of the message comes, and no end.
    assert peer.verdict(peer.request(path, body=message(length=length), end=False)) == "grpc 8"


@pytest.mark.parametrize(("excess", "verdict"), [(0, "grpc 0"), (1, "grpc 8")])
def test_a_message_at_the_limit_passes_and_one_byte_more_does_not(kit, excess, verdict):
    # Two bytes of a tag and a length of up to 127.
    payload = kit.EchoMsg(blob=bytes(98 + excess)).SerializeToString()
    assert len(payload) == 100 + excess
    with ServerProcess("grpc-testserver", "--max-message", 100) as server, Peer(server.address) as peer:
        for path in (SAY, UPLOAD):
            assert peer.verdict(peer.request(path, body=message(payload))) == verdict


# Compression.

GZIP = ("grpc-encoding", "gzip")


def zipped(payload):
    return message(gzip.compress(payload), flag=1)


@pytest.mark.parametrize("pack", [zipped, message], ids=["compressed", "as it is"])
def test_an_encoding_allows_messages_with_and_without_it(peer, kit, pack):
    payload = kit.EchoMsg(text="x" * 1000).SerializeToString()
    answer = peer.answer(peer.request(SAY, GZIP, body=pack(payload)))
    assert (answer.verdict, answer.messages) == ("grpc 0", [payload])
    # The caller said nothing of what it can read, so the answer is plain, and says what the server can.
    assert answer.headers.get("grpc-encoding", "identity") == "identity"
    assert "gzip" in answer.headers["grpc-accept-encoding"].split(",")


def test_each_message_is_compressed_by_itself(peer, kit):
    payload = kit.EchoMsg(text="x" * 1000).SerializeToString()
    answer = peer.answer(peer.request(UPLOAD, GZIP, body=(zipped(payload) + message(payload)) * 3))
    assert kit.EchoMsg.FromString(answer.messages[0]).n == 6000


CORRUPT = {
    "no gzip": b"anything else",
    "nothing": b"",
    "the header alone": gzip.compress(b"x" * 1000)[:10],
    "cut": gzip.compress(b"x" * 1000)[:-9],
    "without its checksum": gzip.compress(b"x" * 1000)[:-4],
    "another checksum": gzip.compress(b"x" * 1000)[:-8] + bytes(8),
    "raw deflate": gzip.compress(b"x" * 1000)[10:-8],
    "more behind it": gzip.compress(b"") + b"more",
}


@pytest.mark.parametrize("path", ONE_REQUEST + MANY_REQUESTS)
@pytest.mark.parametrize("case", CORRUPT)
def test_a_compressed_message_that_is_corrupt_is_internal(peer, path, case):
    assert peer.verdict(peer.request(path, GZIP, body=message(CORRUPT[case], flag=1))) == "grpc 13"


@pytest.mark.parametrize(("excess", "verdict"), [(0, "grpc 0"), (1, "grpc 8")])
def test_the_limit_holds_for_what_comes_out(kit, excess, verdict):
    payload = kit.EchoMsg(blob=bytes(99_996 + excess)).SerializeToString()
    assert len(payload) == 100_000 + excess
    with ServerProcess("grpc-testserver", "--max-message", 100_000) as server, Peer(server.address) as peer:
        for path in (SAY, UPLOAD):
            assert peer.verdict(peer.request(path, GZIP, body=zipped(payload))) == verdict


# The protobuf inside.


def nested(levels, field=3):
    """A message within a message within a message…"""
    tag = bytes([field << 3 | 2])
    pieces = []
    length = 0
    for _ in range(levels):
        pieces.append(head := tag + varint(length))
        length += len(head)
    return b"".join(reversed(pieces))


def varint(value):
    """A varint of protobuf."""
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


BROKEN = {
    "cut varint": b"\x20\xff",
    "varint of 11 bytes": b"\x20" + b"\xff" * 10 + b"\x01",
    "tag that is cut": b"\x80",
    "field 0": b"\x02\x00",
    "wire type 6": b"\x26\x00",
    "wire type 7": b"\x27\x00",
    "length beyond the end": b"\x0a\x7fx",
    "length of four gigabytes": b"\x0a\xff\xff\xff\xff\x0f",
    "open group": b"\x7b",
    "stray end of a group": b"\x7c",
    "groups within groups": b"\x7b" * 200_000,
    "wrong wire type of a known field": b"\x08\x01",
    "child that is cut": b"\x1a\x02\x0a\x05",
    "not UTF-8": b"\x0a\x01\xff",
    "overlong UTF-8": b"\x0a\x02\xc0\x80",
    "surrogate": b"\x0a\x03\xed\xa0\x80",
    "beyond U+10FFFF": b"\x0a\x04\xf4\x90\x80\x80",
    "UTF-8 that is cut": b"\x0a\x02\xe2\x98",
    "not UTF-8 in a child": b"\x1a\x03\x0a\x01\xff",
    "101 levels": nested(101),
    "200,000 levels": nested(200_000),
}


@pytest.mark.parametrize("path", [SAY, UPLOAD])
@pytest.mark.parametrize("case", BROKEN)
def test_bytes_that_are_no_message_are_refused(peer, path, case):
    stream = peer.request(path, end=False)
    peer.body(stream, message(BROKEN[case]))
    assert peer.verdict(stream) == "grpc 13"
    # And whoever comes next is served.
    assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"


def test_unknown_fields_are_kept_or_skipped_but_never_refused(peer):
    # Nested bytes of an unknown field are bytes, however deep they look.
    unknown = nested(50_000, field=15) + b"\xa0\x06\x01" + b"\xa5\x06abcd" + b"\xa1\x06abcdefgh"
    stream = peer.request(SAY, end=False)
    peer.body(stream, message(unknown))
    assert peer.verdict(stream) == "grpc 0"


@pytest.mark.parametrize("text", ["a\0b", "\0", "\0\0end", "日本\0語"])
def test_u_0000_inside_of_text_is_kept(peer, kit, text):
    answer = peer.answer(peer.request(SAY, body=message(kit.EchoMsg(text=text, n=7).SerializeToString())))
    assert kit.EchoMsg.FromString(answer.messages[0]) == kit.EchoMsg(text=text, n=7)


def test_a_hundred_levels_pass(peer):
    answer = peer.answer(peer.request(SAY, body=message(nested(99))))
    assert (answer.verdict, answer.messages) == ("grpc 0", [nested(99)])
