"""What must not grow with time: memory and open files, over thousands of connections and minutes of mixed calls."""

import random
import resource
import threading
import time

import grpc
import pytest

from plenary_testing import ServerProcess
from plenary_testing.calls import until
from plenary_testing.watch import ANSWER_SECONDS_MAX, MEMORY_GROWTH_MAX, descriptors, memory
from plenary_testing.wire import Peer, message

pytestmark = pytest.mark.full

SAY = "/kit.v1.Echo/Say"

CONNECTIONS = 10_000
IDLE_CONNECTIONS = 2_000
SOAK_SECONDS = 180

# What an allocator keeps in its free lists moves a little. A leak of a kilobyte for each connection would be 10 MB.
NOISE_MAX = 8 * 1024 * 1024

# Swift's runtime opens a timer or two when it first needs them. Connections that leak are hundreds.
RUNTIME_FILES_MAX = 4


@pytest.fixture(scope="module")
def kit(stubs):
    return stubs["kit/v1/echo.proto"][0]


@pytest.fixture
def stub(stubs, channel):
    return stubs["kit/v1/echo.proto"][1].EchoStub(channel)


def test_connections_one_after_another_leave_nothing(server, stub, kit):
    def connect(times):
        for number in range(times):
            peer = Peer(server.address, handshake=number % 10 != 0)
            if number % 10 == 1:
                peer.request(SAY, end=False)
            elif number % 10 != 0:
                assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
            peer.close(linger=0 if number % 3 == 0 else None)

    def settled():
        stub.Say(kit.EchoMsg(), timeout=10)
        return descriptors(server.pid)

    connect(CONNECTIONS // 10)
    files = settled()
    before = memory(server.pid)
    connect(CONNECTIONS)
    until(settled, lambda now: now <= files + RUNTIME_FILES_MAX)
    assert memory(server.pid) <= before + NOISE_MAX


def test_idle_connections_leave_room_for_a_call(stubs, kit):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = IDLE_CONNECTIONS + 1000
    if hard != resource.RLIM_INFINITY and hard < wanted:
        pytest.skip(f"this machine allows {hard} open files")
    # For this side of the connections, and for a server that inherits the limit.
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    peers = []
    try:
        with ServerProcess("grpc-testserver") as server, grpc.insecure_channel(server.address) as channel:
            make_call = stubs["kit/v1/echo.proto"][1].EchoStub(channel).Say
            make_call(kit.EchoMsg(), timeout=10)
            before = memory(server.pid)
            peers += [Peer(server.address) for _ in range(IDLE_CONNECTIONS)]
            start = time.monotonic()
            make_call(kit.EchoMsg(), timeout=10)
            peer = Peer(server.address)
            peers.append(peer)
            assert peer.verdict(peer.request(SAY, body=message())) == "grpc 0"
            assert time.monotonic() - start <= ANSWER_SECONDS_MAX
            # Issue and documentation promise 26 kB for each in a release build; a debug build may take more.
            assert memory(server.pid) - before <= MEMORY_GROWTH_MAX
            for peer in peers:
                peer.close()
    finally:
        for peer in peers:
            peer.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_minutes_of_mixed_calls_leave_nothing(server, stubs, stub, kit):
    def say(echo, chance):
        blob = chance.randbytes(chance.choice([0, 100, 10_000, 500_000]))
        assert echo.Say(kit.EchoMsg(blob=blob), timeout=30).blob == blob

    def stream(echo, chance):
        count = chance.randrange(200)
        request = kit.BigMsg(size=chance.randrange(5000), count=count)
        assert sum(1 for _ in echo.Stream(request, timeout=30)) == count

    def stream_and_leave(echo, chance):
        answers = echo.Stream(kit.BigMsg(size=10_000, count=1_000_000), timeout=30)
        for _ in range(chance.randrange(1, 50)):
            next(answers)
        answers.cancel()

    def upload(echo, chance):
        count = chance.randrange(50)
        assert echo.Upload((kit.EchoMsg(blob=bytes(5000)) for _ in range(count)), timeout=30).n == 5000 * count

    def cancel(echo, chance):
        call = echo.Sleep.future(kit.SleepMsg(ms=600_000), timeout=30)
        time.sleep(chance.random() / 20)
        call.cancel()

    def expire(echo, chance):
        with pytest.raises(grpc.RpcError) as failure:
            echo.Sleep(kit.SleepMsg(ms=600_000), timeout=chance.random() / 20)
        assert failure.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED

    def drop(echo, chance):
        with Peer(server.address, window=0) as peer:
            for _ in range(chance.randrange(1, 20)):
                peer.request("/kit.v1.Echo/Stream", body=message(kit.BigMsg(size=9000, count=9000).SerializeToString()))

    kinds = [say, stream, stream_and_leave, upload, cancel, expire, drop]
    failures, counts = [], [0] * 4

    def work(seed, end):
        chance = random.Random(seed)
        try:
            while time.monotonic() < end and not failures:
                options = [("grpc.use_local_subchannel_pool", 1)]
                with grpc.insecure_channel(server.address, options=options) as channel:
                    echo = stubs["kit/v1/echo.proto"][1].EchoStub(channel)
                    for _ in range(chance.randrange(1, 100)):
                        chance.choice(kinds)(echo, chance)
                        counts[seed % 4] += 1
        except BaseException as failure:
            failures.append(failure)

    def soak(seed, seconds):
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=work, args=(seed + number, end)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures, failures
        until(lambda: stub.Stat(kit.EchoMsg(), timeout=10), lambda now: now.active == 0)
        until(lambda: descriptors(server.pid), lambda now: now <= files + RUNTIME_FILES_MAX)
        return memory(server.pid)

    stub.Say(kit.EchoMsg(), timeout=10)
    files = descriptors(server.pid)
    # The first third fills the allocator's free lists; behind it nothing grows any more.
    early = soak(0, SOAK_SECONDS / 3)
    late = soak(4, 2 * SOAK_SECONDS / 3)
    assert sum(counts) > 1000
    assert late <= early + NOISE_MAX
