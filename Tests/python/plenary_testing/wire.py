"""A peer of HTTP/2 that sends exactly what a test says, right or wrong, and notes what comes back.

Frames are made by hand, so that every byte of them can be wrong. Fields go out as HPACK literals that touch no table,
so that a test knows their length; only the answers need a decoder.
"""

import select
import socket
import struct
import time
from dataclasses import dataclass, field

from hpack import Decoder

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
PRIORITY_UPDATE = 0x10

END_STREAM = ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8

HEADER_TABLE_SIZE, ENABLE_PUSH, MAX_CONCURRENT_STREAMS = 1, 2, 3
INITIAL_WINDOW_SIZE, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE = 4, 5, 6

WINDOW_MAX = 2**31 - 1

CODES = [
    "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
    "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
]
CANCEL = CODES.index("CANCEL")

# Nothing takes this long unless something is broken.
ANSWER_SECONDS = 20


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """A frame; its length field may lie."""
    length = len(payload) if length is None else length
    return struct.pack(">I", length)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def headers(stream, fields, end=True, flags=END_HEADERS):
    """HEADERS with a block of fields."""
    return frame(HEADERS, flags | (END_STREAM if end else 0), stream, fields)


def settings(pairs=(), flags=0, stream=0):
    return frame(SETTINGS, flags, stream, b"".join(struct.pack(">HI", *pair) for pair in pairs))


def window_update(stream, bytes_):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", bytes_))


def rst_stream(stream, code=CANCEL):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def message(payload=b"", flag=0, length=None):
    """A message of gRPC; its length field may lie."""
    return struct.pack(">BI", flag, len(payload) if length is None else length) + payload


def integer(value, bits, first=0):
    """An integer of HPACK behind the bits of `first` (RFC 7541 §5.1)."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    made = bytearray([first | most])
    value -= most
    while value >= 128:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


def literal(name, value, first=0x00):
    """A field that touches no table; `first` 0x40 adds it to the table."""
    parts = [part.encode() if isinstance(part, str) else part for part in (name, value)]
    return bytes([first]) + b"".join(integer(len(part), 7) + part for part in parts)


def block(fields):
    return b"".join(literal(name, value) for name, value in fields)


def request_fields(path, *more, method="POST", content_type="application/grpc", te="trailers"):
    """The fields of a gRPC request; None leaves one out."""
    fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "test")]
    fields += [("te", te), ("content-type", content_type)]
    return [pair for pair in fields if pair[1] is not None] + list(more)


@dataclass
class Answer:
    """What has come on one stream."""

    lists: list = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)
    frames: list = field(default_factory=list)
    is_complete: bool = False
    reset: str = None

    @property
    def headers(self):
        return dict(self.lists[0]) if self.lists else {}

    @property
    def trailers(self):
        """The fields that hold the status: the last list, which is also the first in a Trailers-Only answer."""
        return dict(self.lists[-1]) if self.lists else {}

    @property
    def messages(self):
        """The payloads of the answer's messages."""
        found, rest = [], bytes(self.body)
        while rest:
            _, length = struct.unpack(">BI", rest[:5])
            found.append(rest[5 : 5 + length])
            rest = rest[5 + length :]
        return found

    @property
    def verdict(self):
        """The answer in two words: `grpc 13`, `http 415` or `reset PROTOCOL_ERROR`; None while it is open."""
        if self.is_complete:
            status = self.headers[":status"]
            return f"grpc {self.trailers['grpc-status']}" if status == "200" else f"http {status}"
        return f"reset {self.reset}" if self.reset else None


class Peer:
    """One connection. It acknowledges SETTINGS and PING, and gives `window` bytes to each stream and the connection.

    Without a handshake it sends nothing by itself.

        with Peer(server.address) as peer:
            stream = peer.request("/kit.v1.Echo/Say", body=message())
            assert peer.verdict(stream) == "grpc 0"
    """

    def __init__(self, address, *, pairs=(), window=2**30, handshake=True):
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=ANSWER_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._acknowledges = handshake
        self._received = b""
        self._decoder = Decoder()
        self._fields = None
        self._next_stream = 1
        self._answers = {}
        # What the server lets us send: on the connection, and on each stream beyond what its settings say.
        self._room = 65535
        self._more_room = {}
        self.goaway = None
        self.goaway_text = None
        self.is_closed = False
        self.settings = {}
        self.settings_acks = 0
        self.ping_acks = []
        if handshake:
            self.send(PREFACE, settings([(INITIAL_WINDOW_SIZE, window), *pairs]))
            if window > 65535:
                self.send(window_update(0, window - 65535))
            self._until(lambda: self.settings_acks == 1 and self.settings)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self, linger=None):
        """Goes away without a word; with `linger` 0 by RST instead of FIN."""
        if linger is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, linger))
        self._socket.close()

    # What it sends.

    def send(self, *pieces):
        """Sends bytes as they are. A server that has closed is noticed by whoever waits for an answer."""
        try:
            self._socket.sendall(b"".join(pieces))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def request(self, path, *more, body=None, end=True, **fields):
        """Sends a request of gRPC, and its body if there is one; returns its stream."""
        return self.raw_request(block(request_fields(path, *more, **fields)), body=body, end=end)

    def raw_request(self, fields, *, body=None, end=True, stream=None):
        """Sends a request with a header block as it is."""
        stream = stream or self.new_stream()
        self.send(headers(stream, fields, end=end and body is None))
        if body is not None:
            self.body(stream, body, end=end)
        return stream

    def new_stream(self):
        stream = self._next_stream
        self._next_stream += 2
        return stream

    def body(self, stream, body, end=True, size=16384):
        """Sends DATA, in frames of a size, as the server's windows let it; stops where the server has answered."""
        starts = range(0, len(body), size) or [0]
        for start in starts:
            piece = body[start : start + size]
            self._until(lambda: self._room_on(stream) >= len(piece) or self._answer(stream).verdict)
            if not self.offer(stream, piece, end=end and start == starts[-1]):
                return

    def offer(self, stream, piece, end=False):
        """Sends one DATA frame if the windows have room for it and nothing has been answered; says whether it did."""
        if self._answer(stream).verdict or self.is_closed or self._room_on(stream) < len(piece):
            return False
        self._room -= len(piece)
        self._more_room[stream] = self._more_room.get(stream, 0) - len(piece)
        self.send(frame(DATA, END_STREAM if end else 0, stream, piece))
        return True

    def flood(self, piece, times, *, seconds=10, reads=True):
        """Sends a piece again and again until it was sent so often, the server closes or the time is up.

        Returns how often it went out in whole. `reads` False leaves everything that the server says unread.
        """
        end = time.monotonic() + seconds
        batch = piece * max(1, min(times, 16384 // len(piece)))
        sent, total, rest = 0, len(piece) * times, memoryview(batch)
        while sent < total and time.monotonic() < end:
            readable, writable, _ = select.select([self._socket] if reads else [], [self._socket], [], 0.1)
            if readable and not self._read_some():
                break
            if writable:
                try:
                    count = self._socket.send(rest[: total - sent], socket.MSG_DONTWAIT)
                except BlockingIOError:
                    continue
                except OSError:
                    break
                sent += count
                rest = rest[count:] or memoryview(batch)
        return sent // len(piece)

    # What comes back.

    def answer(self, stream, seconds=ANSWER_SECONDS):
        """The whole answer on a stream, or as much as came before the connection ended."""
        self._until(lambda: self._answer(stream).verdict, seconds)
        return self._answer(stream)

    def verdict(self, stream, seconds=ANSWER_SECONDS):
        """How a request ended, or the connection before it was answered."""
        return self.answer(stream, seconds).verdict or self._connection_verdict

    def partial(self, stream):
        """What has come of an answer so far."""
        return self._answer(stream)

    def ending(self, seconds=ANSWER_SECONDS):
        """How the server ends the connection: `goaway PROTOCOL_ERROR`, or `closed` without a word."""
        self._until(lambda: self.is_closed, seconds)
        return self._connection_verdict

    def ping(self, payload=b"12345678"):
        """Sends PING and waits for it to come back: everything sent before has been read then."""
        self.send(frame(PING, payload=payload))
        self._until(lambda: payload in self.ping_acks)
        return payload in self.ping_acks

    def wait(self, condition, seconds=ANSWER_SECONDS):
        """Reads until a condition holds; it must come to hold before the connection ends."""
        self._until(condition, seconds)
        assert condition(), f"the connection ended first: {self._connection_verdict}"

    def listen(self, seconds=0):
        """Takes what has come, or comes in the next seconds; says whether anything did."""
        return bool(select.select([self._socket], [], [], seconds)[0]) and self._read_some()

    @property
    def _connection_verdict(self):
        return f"goaway {self.goaway}" if self.goaway else "closed"

    def _room_on(self, stream):
        return min(self._room, self.settings.get(INITIAL_WINDOW_SIZE, 65535) + self._more_room.get(stream, 0))

    def _answer(self, stream):
        return self._answers.setdefault(stream, Answer())

    def _until(self, condition, seconds=ANSWER_SECONDS):
        end = time.monotonic() + seconds
        while not condition() and not self.is_closed:
            self._socket.settimeout(max(0.001, end - time.monotonic()))
            try:
                self._read_some()
            except TimeoutError:
                raise AssertionError(f"the server said nothing more in {seconds} s") from None
        self._socket.settimeout(ANSWER_SECONDS)

    def _read_some(self):
        try:
            came = self._socket.recv(1 << 16)
        except ConnectionResetError:
            came = b""
        self.is_closed = not came
        self._received += came
        while len(self._received) >= 9:
            length = int.from_bytes(self._received[:3], "big")
            if len(self._received) < 9 + length:
                break
            kind, flags, stream = struct.unpack(">BBI", self._received[3:9])
            payload, self._received = self._received[9 : 9 + length], self._received[9 + length :]
            self._take(kind, flags, stream, payload)
        return not self.is_closed

    def _take(self, kind, flags, stream, payload):
        if kind == SETTINGS and flags & ACK:
            self.settings_acks += 1
        elif kind == SETTINGS:
            self.settings |= dict(struct.iter_unpack(">HI", payload))
            self._acknowledge(settings(flags=ACK))
        elif kind == PING and flags & ACK:
            self.ping_acks.append(payload)
        elif kind == PING:
            self._acknowledge(frame(PING, ACK, 0, payload))
        elif kind == GOAWAY:
            self.goaway = CODES[struct.unpack(">I", payload[4:8])[0]]
            self.goaway_text = payload[8:].decode()
        elif kind == WINDOW_UPDATE:
            bytes_ = struct.unpack(">I", payload)[0]
            if stream:
                self._more_room[stream] = self._more_room.get(stream, 0) + bytes_
            else:
                self._room += bytes_
        elif stream:
            self._take_answer(self._answer(stream), kind, flags, payload)

    def _acknowledge(self, piece):
        if self._acknowledges:
            self.send(piece)

    def _take_answer(self, answer, kind, flags, payload):
        answer.frames.append((kind, flags, len(payload)))
        if kind in (HEADERS, CONTINUATION):
            self._fields = payload if kind == HEADERS else self._fields + payload
            if flags & END_HEADERS:
                answer.lists.append(self._decoder.decode(self._fields))
        elif kind == DATA:
            answer.body += payload
        elif kind == RST_STREAM:
            answer.reset = CODES[struct.unpack(">I", payload)[0]]
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            answer.is_complete = True
