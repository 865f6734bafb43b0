"""How the test server starts and ends as a program."""

import signal
import socket

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS
from plenary_testing import ServerProcess, run


def test_the_ready_line_says_where_it_listens():
    with ServerProcess("grpc-testserver", "--listen", "127.0.0.1:0", "--threads", 2) as server:
        assert server.ready == {"event": "ready", "listen": server.address}
        host, port = server.address.rsplit(":", 1)
        assert host == "127.0.0.1"
        assert int(port) > 0


def test_it_listens_on_a_unix_socket(stubs, tmp_path):
    messages, services = stubs["kit/v1/echo.proto"]
    address = f"unix:{tmp_path}/socket"
    with ServerProcess("grpc-testserver", "--listen", address) as server:
        assert server.address == address
        with grpc.insecure_channel(address) as channel:
            answer = services.EchoStub(channel).Say(messages.EchoMsg(n=7), timeout=CALL_SECONDS)
            assert answer.n == 7


def test_a_call_under_way_finishes_behind_sigterm(stubs):
    messages, services = stubs["kit/v1/echo.proto"]
    with ServerProcess("grpc-testserver") as server, grpc.insecure_channel(server.address) as channel:
        answers = services.EchoStub(channel).Stream(
            messages.BigMsg(count=5, interval_ms=100), timeout=CALL_SECONDS
        )
        assert next(answers).n == 0
        server.signal(signal.SIGTERM)
        assert [answer.n for answer in answers] == [1, 2, 3, 4]
        assert server.wait() == 0


def test_sigint_ends_it_like_sigterm():
    with ServerProcess("grpc-testserver") as server:
        server.signal(signal.SIGINT)
        assert server.wait() == 0


def test_a_port_that_is_taken_is_named_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = "127.0.0.1:%d" % taken.getsockname()[1]
        ended = run("grpc-testserver", "--listen", address)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == f"error: {address} is in use by another process\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--listen", "nowhere"], "nowhere"),
        (["--listen", "127.0.0.1:65536"], "65536"),
        (["--threads", "0"], "--threads"),
        (["--threads", "many"], "many"),
        (["--max-message", "0"], "--max-message"),
        (["--grace=-1"], "--grace"),
        (["--grase", "1"], "--grase"),
        (["more"], "more"),
    ],
)
def test_wrong_arguments_are_named(arguments, named):
    ended = run("grpc-testserver", *arguments)
    assert ended.returncode == 2
    assert ended.stdout == ""
    first = ended.stderr.splitlines()[0]
    assert first.startswith("error: ")
    assert named in first


def test_help_is_no_error():
    ended = run("grpc-testserver", "--help")
    assert ended.returncode == 0
    assert "--listen" in ended.stdout
    assert ended.stderr == ""
