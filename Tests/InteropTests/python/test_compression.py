"""The compression cases of gRPC's interop test descriptions, from grpcio to our server.

grpcio hides from its user whether a message came compressed, so a relay between the two counts the bytes: hundreds of
kilobytes of zeros become hundreds of bytes.
"""

import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from plenary_testing import ServerProcess
from plenary_testing.calls import CALL_SECONDS, Requests, error_of

GZIP = grpc.Compression.Gzip
NONE = grpc.Compression.NoCompression
# More than the frames, headers and settings of a few calls, and far less than their payloads.
FEW_BYTES = 8_000


class Relay:
    """Passes one connection on to a server, and counts the bytes each way."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = ThreadPoolExecutor(3)
        self._lock = threading.Lock()
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        self.sent = self.received = 0

    def __enter__(self):
        self._accepting = self._threads.submit(self._accept)
        return self

    def __exit__(self, *_):
        # A socket that was shut down wakes whoever waits for it.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads.shutdown()

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        server = socket.create_connection(self._target)
        self._threads.submit(self._pump, client, server, "sent")
        self._pump(server, client, "received")

    def _pump(self, source, sink, counter):
        try:
            while data := source.recv(65536):
                with self._lock:
                    setattr(self, counter, getattr(self, counter) + len(data))
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def take(self):
        """The bytes sent and received since the last time."""
        with self._lock:
            taken = self.sent, self.received
            self.sent = self.received = 0
        return taken


@pytest.fixture(scope="module")
def messages(stubs):
    return stubs["grpc/testing/messages.proto"][0]


@pytest.fixture
def relay(server):
    with Relay(server.address) as relay:
        yield relay


@pytest.fixture
def stub(stubs, relay):
    with grpc.insecure_channel(relay.address) as channel:
        yield stubs["grpc/testing/test.proto"][1].TestServiceStub(channel)


@pytest.fixture
def flag(messages):
    return lambda value: messages.BoolValue(value=value)


def simple_request(messages, **fields):
    return messages.SimpleRequest(
        response_size=314159, payload=messages.Payload(body=bytes(271828)), **fields
    )


def test_client_compressed_unary(stub, relay, messages, flag):
    probe = error_of(stub.UnaryCall, simple_request(messages, expect_compressed=flag(True)), compression=NONE)
    assert probe.code() is grpc.StatusCode.INVALID_ARGUMENT
    relay.take()
    for compression, expected in [(GZIP, True), (NONE, False)]:
        request = simple_request(messages, expect_compressed=flag(expected))
        answer = stub.UnaryCall(request, compression=compression, timeout=CALL_SECONDS)
        assert answer.payload.body == bytes(314159)
        sent, _ = relay.take()
        assert (sent < FEW_BYTES) == expected


def test_client_compressed_streaming(stub, messages, flag):
    def request(body, expected):
        return messages.StreamingInputCallRequest(
            payload=messages.Payload(body=body), expect_compressed=flag(expected)
        )

    probe = error_of(stub.StreamingInputCall, iter([request(bytes(27182), True)]), compression=NONE)
    assert probe.code() is grpc.StatusCode.INVALID_ARGUMENT
    # grpcio sends a message as it is when gzip would make it longer: that is the uncompressed one.
    requests = [request(bytes(27182), True), request(os.urandom(45904), False)]
    answer = stub.StreamingInputCall(iter(requests), compression=GZIP, timeout=CALL_SECONDS)
    assert answer.aggregated_payload_size == 73086


def test_server_compressed_unary(stub, relay, messages, flag):
    for compressed in (True, False):
        request = simple_request(messages, response_compressed=flag(compressed))
        relay.take()
        answer = stub.UnaryCall(request, timeout=CALL_SECONDS)
        assert answer.payload.body == bytes(314159)
        _, received = relay.take()
        assert (received < FEW_BYTES) == compressed


def test_server_compressed_streaming(stub, relay, messages, flag):
    sizes = [(31415, True), (92653, False), (58979, True)]
    request = messages.StreamingOutputCallRequest(
        response_parameters=[
            messages.ResponseParameters(size=size, compressed=flag(compressed)) for size, compressed in sizes
        ]
    )
    answers = stub.StreamingOutputCall(request, timeout=CALL_SECONDS)
    assert [answer.payload.body for answer in answers] == [bytes(size) for size, _ in sizes]
    _, received = relay.take()
    assert 92653 < received < 92653 + FEW_BYTES


def test_both_ways_on_a_full_duplex_call(stub, relay, messages, flag):
    requests = Requests()
    answers = stub.FullDuplexCall(iter(requests), compression=GZIP, timeout=CALL_SECONDS)
    for _ in range(20):
        requests.send(
            messages.StreamingOutputCallRequest(
                payload=messages.Payload(body=bytes(100_000)),
                response_parameters=[messages.ResponseParameters(size=100_000, compressed=flag(True))],
            )
        )
        assert next(answers).payload.body == bytes(100_000)
    requests.finish()
    assert list(answers) == []
    sent, received = relay.take()
    assert sent < 20 * FEW_BYTES
    assert received < 20 * FEW_BYTES


def test_intervals_are_kept(stub, messages):
    request = messages.StreamingOutputCallRequest(
        response_parameters=[messages.ResponseParameters(size=1, interval_us=interval) for interval in (0, 600_000_000)]
    )
    answers = stub.StreamingOutputCall(request, timeout=CALL_SECONDS)
    assert len(next(answers).payload.body) == 1
    answers.cancel()


def test_deflate_is_refused_with_what_is_there(stub, messages):
    error = error_of(stub.UnaryCall, simple_request(messages), compression=grpc.Compression.Deflate)
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


def memory_bytes(pid):
    """The most memory a process has had."""
    with open(f"/proc/{pid}/status") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def test_a_bomb_is_refused_and_takes_no_memory(stubs):
    messages, services = stubs["kit/v1/echo.proto"]
    bomb = messages.EchoMsg(blob=bytes(256 << 20))
    with ServerProcess("grpc-testserver") as server, grpc.insecure_channel(server.address) as channel:
        stub = services.EchoStub(channel)
        assert stub.Say(messages.EchoMsg(n=1), compression=GZIP, timeout=CALL_SECONDS).n == 1
        before = memory_bytes(server.pid)
        for _ in range(3):
            assert error_of(stub.Say, bomb, compression=GZIP).code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            error = error_of(stub.Upload, iter([bomb]), compression=GZIP)
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert stub.Say(messages.EchoMsg(n=2), compression=GZIP, timeout=CALL_SECONDS).n == 2
        assert memory_bytes(server.pid) - before < 32 << 20
