"""How the server ends, and how it lives without what the system has to give."""

import os
import resource
import signal
import socket
import threading

import grpc
import pytest

from plenary_testing import ServerProcess
from plenary_testing.calls import CALL_SECONDS, until


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture
def echo(stubs):
    return stubs["kit/v1/echo.proto"][1].EchoStub


def test_no_call_that_began_is_lost_by_sigterm_under_load(echo, kit):
    answers = []
    codes = set()

    def call(stub, loaded):
        while True:
            try:
                stub.Sleep(kit.SleepMsg(ms=5), timeout=CALL_SECONDS)
                answers.append(1)
            except grpc.RpcError as error:
                codes.add(error.code())
                return
            if len(answers) > 500:
                loaded.set()

    loaded = threading.Event()
    with ServerProcess("grpc-testserver", "--threads", 2, "--grace", CALL_SECONDS) as server:
        # Channels of their own, or grpcio makes one connection of them.
        channels = [grpc.insecure_channel(server.address, [("load", n)]) for n in range(4)]
        threads = [
            threading.Thread(target=call, args=(echo(channel), loaded)) for channel in channels for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        assert loaded.wait(CALL_SECONDS)
        server.signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert server.wait() == 0
        stopped = server.next_line()
        for channel in channels:
            channel.close()
    assert codes == {grpc.StatusCode.UNAVAILABLE}
    assert stopped["cancelled"] == 0
    assert stopped["finished"] == stopped["started"] == len(answers)


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_running_out_of_descriptors_ends_nothing(echo, kit):
    with ServerProcess("grpc-testserver") as server:
        host, port = server.address.rsplit(":", 1)
        with grpc.insecure_channel(server.address) as channel:
            stub = echo(channel)
            # The first sleep makes the timers of the Swift runtime, which cannot do without descriptors.
            stub.Sleep(kit.SleepMsg(ms=1), timeout=CALL_SECONDS)
            limit = descriptors(server.pid) + 5
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (limit, limit))
            peers = [socket.create_connection((host, int(port))) for _ in range(20)]
            until(lambda: descriptors(server.pid), lambda count: count >= limit)

            # Those it has are served, and it does not burn the processor for those it cannot take.
            before = cpu_seconds(server.pid)
            stub.Sleep(kit.SleepMsg(ms=2000), timeout=CALL_SECONDS)
            assert cpu_seconds(server.pid) - before < 0.5

            for peer in peers:
                peer.close()
            with grpc.insecure_channel(server.address, [("again", 1)]) as again:
                echo(again).Say(kit.EchoMsg(), timeout=CALL_SECONDS, wait_for_ready=True)
