"""kit.v1.Echo from grpcio: every kind of call but the bidirectional, and how handlers end."""

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS, error_of, until

MESSAGE_BYTES_MAX = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture
def stub(stubs, channel):
    return stubs["kit/v1/echo.proto"][1].EchoStub(channel)


@pytest.fixture
def stat(stub, kit):
    """Asks for the counts, once no handler of an earlier test is left."""

    def ask():
        return stub.Stat(kit.EchoMsg(), timeout=CALL_SECONDS)

    until(ask, lambda now: now.active == 0)
    return ask


def test_say_echoes_every_field(stub, kit):
    message = kit.EchoMsg(
        text="日本語 \x00 ☺",
        blob=bytes(range(256)),
        n=-(2**63),
        child=kit.EchoMsg(text="inside", child=kit.EchoMsg(n=2**63 - 1)),
    )
    assert stub.Say(message, timeout=CALL_SECONDS) == message


def test_an_empty_message_is_a_message(stub, kit):
    assert stub.Say(kit.EchoMsg(), timeout=CALL_SECONDS) == kit.EchoMsg()


def test_a_request_beyond_the_limit_is_refused_and_the_connection_goes_on(stub, kit):
    error = error_of(stub.Say, kit.EchoMsg(blob=bytes(MESSAGE_BYTES_MAX)))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert stub.Say(kit.EchoMsg(n=1), timeout=CALL_SECONDS).n == 1


def test_many_calls_at_once_get_their_own_answers(stub, kit):
    calls = [stub.Say.future(kit.EchoMsg(n=n), timeout=CALL_SECONDS) for n in range(500)]
    assert [call.result().n for call in calls] == list(range(500))


def test_sleep_comes_back(stub, kit):
    assert stub.Sleep(kit.SleepMsg(ms=1), timeout=CALL_SECONDS).text == "slept"


def test_a_cancelled_sleep_is_cancelled_on_the_server(stub, kit, stat):
    before = stat()
    call = stub.Sleep.future(kit.SleepMsg(ms=600_000), timeout=CALL_SECONDS)
    until(stat, lambda now: now.active == before.active + 1)
    call.cancel()
    after = until(stat, lambda now: now.active == before.active)
    assert after.cancelled == before.cancelled + 1
    assert after.finished == before.finished


def test_a_deadline_ends_the_sleep_on_both_sides(stub, kit, stat):
    before = stat()
    error = error_of(stub.Sleep, kit.SleepMsg(ms=600_000), timeout=0.5)
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    after = until(stat, lambda now: now.started > before.started and now.active == before.active)
    assert after.cancelled == before.cancelled + 1


def test_closing_the_channel_cancels_its_handlers(stubs, server, kit, stat):
    before = stat()
    # Channels of one process share connections, unless they differ.
    with grpc.insecure_channel(server.address, options=[("grpc.use_local_subchannel_pool", 1)]) as own:
        stub = stubs["kit/v1/echo.proto"][1].EchoStub(own)
        call = stub.Sleep.future(kit.SleepMsg(ms=600_000), timeout=CALL_SECONDS)
        until(stat, lambda now: now.active == before.active + 1)
    assert call.code() is grpc.StatusCode.CANCELLED
    after = until(stat, lambda now: now.active == before.active)
    assert after.cancelled == before.cancelled + 1


@pytest.mark.parametrize("size", [0, 1, 16_384, 65_535, 65_536, 4_000_000])
def test_big_answers_with_the_size_asked_for(stub, kit, size):
    assert stub.Big(kit.BigMsg(size=size), timeout=CALL_SECONDS).blob == bytes(size)


def test_big_refuses_a_negative_size(stub, kit):
    assert error_of(stub.Big, kit.BigMsg(size=-1)).code() is grpc.StatusCode.INVALID_ARGUMENT


def test_stream_sends_its_messages_in_order(stub, kit):
    answers = stub.Stream(kit.BigMsg(size=100, count=2000), timeout=CALL_SECONDS)
    assert [(answer.n, len(answer.blob)) for answer in answers] == [(n, 100) for n in range(2000)]


def test_stream_sends_more_than_every_window_holds(stub, kit):
    answers = stub.Stream(kit.BigMsg(size=1_000_000, count=20), timeout=CALL_SECONDS)
    assert sum(len(answer.blob) for answer in answers) == 20_000_000


def test_stream_sends_each_message_when_it_is_due(stub, kit):
    answers = stub.Stream(kit.BigMsg(count=600_001, interval_ms=600_000), timeout=CALL_SECONDS)
    assert next(answers).n == 0
    answers.cancel()


def test_upload_counts_the_bytes(stub, kit):
    messages = (kit.EchoMsg(blob=bytes(100_000), text="é") for _ in range(200))
    assert stub.Upload(messages, timeout=CALL_SECONDS).n == 200 * 100_002


def test_upload_of_nothing_is_zero(stub, kit):
    assert stub.Upload(iter([]), timeout=CALL_SECONDS).n == 0


def test_stat_counts_what_ran(stub, kit, stat):
    before = stat()
    for _ in range(3):
        stub.Say(kit.EchoMsg(), timeout=CALL_SECONDS)
    after = stat()
    assert after.started == before.started + 3
    assert after.finished == before.finished + 3
    assert after.cancelled == before.cancelled


def test_a_method_that_does_not_exist_is_unimplemented(channel):
    call = channel.unary_unary("/kit.v1.Echo/say", request_serializer=bytes, response_deserializer=bytes)
    assert error_of(call, b"").code() is grpc.StatusCode.UNIMPLEMENTED
