"""The cases of gRPC's interop test descriptions, from grpcio to our server."""

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS, Requests, error_of

SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP \U0001f608\t\n"
INITIAL = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
TRAILING = ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab")

# Every case in clear, with TLS, and with TLS on both sides.
pytestmark = pytest.mark.parametrize("transport", ["clear", "tls", "mutual-tls"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def empty(stubs):
    return stubs["grpc/testing/empty.proto"][0].Empty


@pytest.fixture(scope="module")
def messages(stubs):
    return stubs["grpc/testing/messages.proto"][0]


@pytest.fixture(scope="module")
def services(stubs):
    return stubs["grpc/testing/test.proto"][1]


@pytest.fixture
def stub(services, channel):
    return services.TestServiceStub(channel)


@pytest.fixture
def output_request(messages):
    """A request of the streaming methods: a body of a size, and responses of sizes."""

    def make(body, *sizes):
        return messages.StreamingOutputCallRequest(
            payload=messages.Payload(body=bytes(body)),
            response_parameters=[messages.ResponseParameters(size=size) for size in sizes],
        )

    return make


def test_empty_unary(stub, empty):
    assert stub.EmptyCall(empty(), timeout=CALL_SECONDS) == empty()


def test_large_unary(stub, messages):
    request = messages.SimpleRequest(response_size=314159, payload=messages.Payload(body=bytes(271828)))
    answer = stub.UnaryCall(request, timeout=CALL_SECONDS)
    assert answer.payload.type == messages.COMPRESSABLE
    assert answer.payload.body == bytes(314159)


def test_client_streaming(stub, messages):
    sizes = [27182, 8, 1828, 45904]
    requests = (messages.StreamingInputCallRequest(payload=messages.Payload(body=bytes(size))) for size in sizes)
    assert stub.StreamingInputCall(requests, timeout=CALL_SECONDS).aggregated_payload_size == 74922


def test_server_streaming(stub, output_request):
    sizes = [31415, 9, 2653, 58979]
    answers = stub.StreamingOutputCall(output_request(0, *sizes), timeout=CALL_SECONDS)
    assert [answer.payload.body for answer in answers] == [bytes(size) for size in sizes]


def test_ping_pong(stub, output_request):
    requests = Requests()
    answers = stub.FullDuplexCall(iter(requests), timeout=CALL_SECONDS)
    for body, size in [(27182, 31415), (8, 9), (1828, 2653), (45904, 58979)]:
        requests.send(output_request(body, size))
        assert next(answers).payload.body == bytes(size)
    requests.finish()
    assert list(answers) == []
    assert answers.code() is grpc.StatusCode.OK


def test_empty_stream(stub):
    answers = stub.FullDuplexCall(iter([]), timeout=CALL_SECONDS)
    assert list(answers) == []
    assert answers.code() is grpc.StatusCode.OK


def test_cancel_after_begin(stub):
    requests = Requests()
    call = stub.StreamingInputCall.future(iter(requests), timeout=CALL_SECONDS)
    call.cancel()
    requests.finish()
    assert call.cancelled()
    assert call.code() is grpc.StatusCode.CANCELLED


def test_cancel_after_first_response(stub, output_request):
    requests = Requests(output_request(27182, 31415))
    answers = stub.FullDuplexCall(iter(requests), timeout=CALL_SECONDS)
    assert len(next(answers).payload.body) == 31415
    answers.cancel()
    requests.finish()
    with pytest.raises(grpc.RpcError):
        next(answers)
    assert answers.code() is grpc.StatusCode.CANCELLED


def test_timeout_on_sleeping_server(stub, output_request):
    requests = Requests(output_request(27182))
    error = error_of(stub.FullDuplexCall, iter(requests), timeout=0.001)
    requests.finish()
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_custom_metadata_on_a_unary_call(stub, messages):
    request = messages.SimpleRequest(response_size=314159, payload=messages.Payload(body=bytes(271828)))
    answer, call = stub.UnaryCall.with_call(request, metadata=[INITIAL, TRAILING], timeout=CALL_SECONDS)
    assert len(answer.payload.body) == 314159
    assert INITIAL in call.initial_metadata()
    assert TRAILING in call.trailing_metadata()


def test_custom_metadata_on_a_full_duplex_call(stub, output_request):
    requests = iter([output_request(271828, 314159)])
    answers = stub.FullDuplexCall(requests, metadata=[INITIAL, TRAILING], timeout=CALL_SECONDS)
    assert INITIAL in answers.initial_metadata()
    assert [len(answer.payload.body) for answer in answers] == [314159]
    assert TRAILING in answers.trailing_metadata()


def test_status_code_and_message_on_a_unary_call(stub, messages):
    status = messages.EchoStatus(code=2, message="test status message")
    error = error_of(stub.UnaryCall, messages.SimpleRequest(response_status=status))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message")


def test_status_code_and_message_on_a_full_duplex_call(stub, messages):
    status = messages.EchoStatus(code=2, message="test status message")
    error = error_of(stub.FullDuplexCall, iter([messages.StreamingOutputCallRequest(response_status=status)]))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message")


def test_special_status_message(stub, messages):
    status = messages.EchoStatus(code=2, message=SPECIAL)
    error = error_of(stub.UnaryCall, messages.SimpleRequest(response_status=status))
    assert (error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, SPECIAL)


def test_unimplemented_method(stub, empty):
    assert error_of(stub.UnimplementedCall, empty()).code() is grpc.StatusCode.UNIMPLEMENTED


def test_unimplemented_service(services, channel, empty):
    stub = services.UnimplementedServiceStub(channel)
    assert error_of(stub.UnimplementedCall, empty()).code() is grpc.StatusCode.UNIMPLEMENTED
