"""What an answer looks like on the wire: its frames, their order and their fields. See gRPC PROTOCOL-HTTP2, "Responses"."""

import re

import pytest

from plenary_testing.wire import DATA, END_STREAM, HEADERS, RST_STREAM, Peer, message

SAY = "/kit.v1.Echo/Say"
STREAM = "/kit.v1.Echo/Stream"


@pytest.fixture
def peer(server):
    with Peer(server.address) as peer:
        yield peer


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture(scope="module")
def status_request(stubs):
    """A request of TestService that is answered with a status."""
    messages = stubs["grpc/testing/messages.proto"][0]

    def make(code, text=""):
        status = messages.EchoStatus(code=code, message=text)
        return message(messages.SimpleRequest(response_status=status).SerializeToString())

    return make


@pytest.mark.parametrize("content_type", ["application/grpc", "application/grpc+proto"])
def test_an_answer_is_headers_then_data_then_trailers(peer, kit, content_type):
    payload = kit.EchoMsg(text="x").SerializeToString()
    answer = peer.answer(peer.request(SAY, body=message(payload), content_type=content_type))
    assert [kind for kind, _, _ in answer.frames] == [HEADERS, DATA, HEADERS]
    assert [flags & END_STREAM for _, flags, _ in answer.frames] == [0, 0, END_STREAM]
    assert answer.headers[":status"] == "200"
    assert answer.headers["content-type"] in ("application/grpc", "application/grpc+proto")
    assert answer.messages == [payload]
    assert answer.trailers["grpc-status"] == "0"


def test_trailers_have_no_pseudo_fields(peer):
    answer = peer.answer(peer.request(SAY, body=message()))
    assert not [name for name, _ in answer.lists[-1] if name.startswith(":")]


@pytest.mark.parametrize("path", ["/kit.v1.Echo/Nothing", SAY])
def test_a_refusal_is_one_headers_frame_with_everything(peer, path):
    # No request message, or no such method.
    answer = peer.answer(peer.request(path, end=True))
    assert [kind for kind, _, _ in answer.frames] == [HEADERS]
    assert (answer.headers[":status"], answer.headers["content-type"]) == ("200", "application/grpc")
    assert answer.headers["grpc-status"] == "12"


def test_an_error_before_the_first_message_needs_no_headers_before_it(peer, status_request):
    # gRFC A6: a client may try again what has no headers yet.
    answer = peer.answer(peer.request("/grpc.testing.TestService/UnaryCall", body=status_request(8)))
    assert [kind for kind, _, _ in answer.frames] == [HEADERS]
    assert answer.headers["grpc-status"] == "8"


@pytest.mark.parametrize("code", [0, 1, 5, 9, 10, 16])
def test_every_status_comes_with_http_200_and_in_plain_decimal(peer, status_request, code):
    answer = peer.answer(peer.request("/grpc.testing.TestService/UnaryCall", body=status_request(code)))
    assert answer.headers[":status"] == "200"
    assert answer.trailers["grpc-status"] == str(code)


def test_a_status_message_is_percent_encoded(peer, status_request):
    answer = peer.answer(peer.request("/grpc.testing.TestService/UnaryCall", body=status_request(2, "a\r\n100 % ☺~")))
    assert answer.trailers["grpc-message"] == "a%0D%0A100 %25 %E2%98%BA~"


def test_field_names_are_lower_case_and_none_is_of_the_connection(peer, kit):
    answers = [peer.answer(peer.request(path, body=message())) for path in (SAY, "/x")]
    fields = [pair for answer in answers for made in answer.lists for pair in made]
    assert all(re.fullmatch("[:a-z0-9_.-]+", name) for name, _ in fields)
    forbidden = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}
    assert forbidden.isdisjoint(name for name, _ in fields)


def test_the_end_of_a_stream_is_on_its_trailers_and_never_on_data(peer, kit):
    body = message(kit.BigMsg(size=40_000, count=5).SerializeToString())
    answer = peer.answer(peer.request(STREAM, body=body))
    assert len(answer.messages) == 5
    assert [flags & END_STREAM for kind, flags, _ in answer.frames if kind == DATA].count(END_STREAM) == 0
    assert answer.frames[-1][0] == HEADERS and answer.frames[-1][1] & END_STREAM


def test_an_answer_before_the_request_has_ended_asks_the_client_to_stop(peer):
    stream = peer.request("/kit.v1.Echo/Nothing", end=False)
    peer.wait(lambda: peer.partial(stream).reset)
    answer = peer.partial(stream)
    assert answer.verdict == "grpc 12"
    assert answer.reset == "NO_ERROR"
    assert answer.frames[-1][0] == RST_STREAM
