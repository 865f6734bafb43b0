"""plenary-harness: time, states, faults and records of calls, by grpcio, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo
from google.type.date_pb2 import Date
from plenary_testing import binary, run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.harness import Harness, code_of
from plenary_testing.registry import RegistryClient

Code = grpc.StatusCode
DAY = 24 * 3600
MANUAL_START = 1_767_225_600
SHARED_MEMORY = Path("/dev/shm")


@pytest.fixture
def harness(api, stubs):
    """Starts harnesses that end with the test, and have to end well: `harness("--example")`."""
    with ExitStack() as stack:
        yield lambda *options: stack.enter_context(Harness(api, stubs, *options))


@pytest.fixture
def manual(harness):
    """A harness with the example, whose clock stands."""
    return harness("--example", "--clock", "manual")


@pytest.fixture
def plain(harness):
    """A harness without records."""
    return harness()


def exists(pid):
    """Whether a process runs; one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


# What it starts with.


def test_the_ready_line_tells_where_it_serves(harness, stubs):
    one = harness("--seed", 9)
    assert one.ready["event"] == "ready" and one.ready["pid"] == one.pid and one.ready["seed"] == 9
    host, port = one.ready["address"].rsplit(":", 1)
    assert host == "127.0.0.1" and int(port) > 0
    assert one.registry.names("ListThemes") == []
    health, services = stubs["grpc/health/v1/health.proto"]
    check = services.HealthStub(one.registry.channel).Check
    answer = check(health.HealthCheckRequest(service="plenary.testing.v1.Harness"), timeout=CALL_SECONDS)
    assert answer.status == health.HealthCheckResponse.SERVING


def test_the_example_is_there_when_it_is_asked_for(harness, api):
    registry = harness("--example").registry
    assert len(registry.export()) == len(api.example())
    assert registry.GetDialogue(name="dialogues/asia-ict-ct-3").ordinal == 3


def test_it_listens_on_a_unix_socket_and_removes_it(harness, tmp_path):
    path = tmp_path / "harness.sock"
    one = harness("--unix-socket", path)
    assert one.ready["address"] == f"unix:{path}"
    assert one.registry.names("ListThemes") == []
    one.stop()
    assert not path.exists()


def test_the_ready_line_goes_to_the_descriptor_it_is_told(api):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [binary("plenary-harness"), "--ready-fd", str(writing)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[writing],
    )
    os.close(writing)
    with os.fdopen(reading) as lines:
        ready = json.loads(lines.readline())
    with RegistryClient(api, ready["address"]) as client:
        assert client.names("ListThemes") == []
    # Its end is that of its standard input.
    output, _ = process.communicate(timeout=CALL_SECONDS)
    assert output == b"" and process.returncode == 0


def test_records_in_a_directory_are_there_again(harness, api, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    options = ("--data", tmp_path, "--clock", "manual")
    first = harness(*options)
    made = first.registry.CreateTheme(theme_id="kept", theme=api.theme())
    first.stop()
    second = harness(*options)
    assert second.registry.GetTheme(name="themes/kept") == made
    second.Reset(state="EMPTY")
    assert second.registry.names("ListThemes") == []
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt", "registry"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--data", "x", "--memory"),
        ("--port", "1", "--unix-socket", "x"),
        ("--clock", "tomorrow"),
        ("--seed", "-1"),
        ("--ready-fd", "77"),
        ("--nothing",),
    ],
)
def test_arguments_that_are_wrong_are_told(arguments):
    outcome = run("plenary-harness", *arguments)
    assert outcome.returncode == 2 and outcome.stdout == ""
    assert "error: " in outcome.stderr.lower()


def test_a_port_that_is_taken_is_told(harness):
    port = harness().ready["address"].rsplit(":", 1)[1]
    outcome = run("plenary-harness", "--port", port)
    assert outcome.returncode == 1 and port in outcome.stderr


def test_help_has_examples():
    outcome = run("plenary-harness", "--help")
    assert outcome.returncode == 0
    assert "plenary-harness --example --clock manual --seed 7" in outcome.stdout
    assert "json.loads(harness.stdout.readline())" in outcome.stdout


# Time.


def test_commits_have_the_time_that_the_clock_says(manual, api):
    first = manual.registry.CreateTheme(theme_id="a", theme=api.theme("A"))
    assert first.create_time.seconds == MANUAL_START
    clock = manual.AdvanceClock(duration=Duration(seconds=90, nanos=5_000))
    assert clock.mode == manual.messages.Clock.MANUAL and clock.time.seconds == MANUAL_START + 90
    second = manual.registry.CreateTheme(theme_id="b", theme=api.theme("B"))
    assert (second.create_time.seconds, second.create_time.nanos) == (MANUAL_START + 90, 5_000)
    assert manual.GetClock() == clock
    # A clock that goes back does not put later commits before earlier ones.
    manual.SetClock(time={"seconds": 1})
    third = manual.registry.CreateTheme(theme_id="c", theme=api.theme("C"))
    assert third.create_time.ToNanoseconds() == second.create_time.ToNanoseconds() + 1_000
    deleted = manual.registry.DeleteTheme(name="themes/c")
    assert deleted.purge_time.seconds - deleted.delete_time.seconds == 30 * DAY
    refused = manual.registry.refusal("GetTheme", name="themes/c", read_time={"seconds": MANUAL_START})
    assert refused.reason == "REVISION_FUTURE"


def test_what_is_overdue_follows_the_clock(manual, api):
    registry = manual.registry
    recommendation = api.Recommendation(
        text=api.text("Sooner"),
        addressee="organizations/ctc",
        dialogue="dialogues/asia-ict-ct-3",
        due_date=Date(year=2026, month=1, day=10),
    )
    registry.CreateRecommendation(recommendation_id="r1", recommendation=recommendation)
    registry.SubmitRecommendation(name="recommendations/r1")

    def overdue():
        return registry.names("ListRecommendations", filter="overdue=true")

    manual.SetClock(mode="MANUAL", time={"seconds": MANUAL_START + 9 * DAY})
    assert overdue() == []
    manual.AdvanceClock(duration=Duration(seconds=2 * DAY))
    assert overdue() == ["recommendations/r1"]
    manual.SetClock(time={"seconds": MANUAL_START})
    assert overdue() == []


def test_a_request_id_is_forgotten_after_a_day_of_the_clock(manual, api):
    call = {"theme_id": "once", "theme": api.theme(), "request_id": str(uuid.uuid4())}
    made = manual.registry.CreateTheme(**call)
    manual.AdvanceClock(duration=Duration(seconds=DAY))
    assert manual.registry.CreateTheme(**call) == made
    manual.AdvanceClock(duration=Duration(seconds=1))
    assert code_of(manual.registry, "CreateTheme", **call) == Code.ALREADY_EXISTS


def test_a_clock_runs_or_is_the_machines(manual, api):
    assert manual.SetClock(mode="RUNNING", time={"seconds": 100}).time.seconds == 100
    code, message = manual.refusal("AdvanceClock", duration=Duration(seconds=1))
    assert code == Code.FAILED_PRECONDITION and "MANUAL" in message
    before = manual.GetClock().time.ToNanoseconds()
    until(lambda: manual.GetClock().time.ToNanoseconds(), lambda now: now > before)
    clock = manual.SetClock(mode="SYSTEM")
    assert abs(clock.time.seconds - time.time()) < 60
    assert manual.refusal("SetClock", mode="SYSTEM", time={"seconds": 1})[0] == Code.INVALID_ARGUMENT
    assert manual.refusal("SetClock", time={"seconds": 10**12})[0] == Code.INVALID_ARGUMENT
    assert manual.refusal("AdvanceClock")[0] == Code.INVALID_ARGUMENT


def test_a_clock_stands_at_the_time_it_is_started_with(harness):
    clock = harness("--clock", "2026-03-01T09:00:00.000001Z").GetClock()
    assert (clock.time.seconds, clock.time.nanos) == (1_772_355_600, 1_000)


# Chance.


def transcript(one, api):
    """What some calls come to, bytes and metadata."""
    recommendation = api.Recommendation(
        text=api.text("Sooner"), addressee="organizations/ctc", dialogue="dialogues/asia-ict-ct-3"
    )
    answers = []
    for method, fields in [
        ("CreateTheme", {"theme_id": "a", "theme": api.theme()}),
        ("CreateRecommendation", {"recommendation_id": "r", "recommendation": recommendation}),
        ("UpdateTheme", {"theme": api.theme("Changed", name="themes/a")}),
        ("DeleteTheme", {"name": "themes/a"}),
        ("ListThemes", {"page_size": 2}),
        ("ListThemeRevisions", {"parent": "themes/a"}),
    ]:
        answer, headers = one.registry.ask_with_headers(method, **fields)
        answers.append((method, answer.SerializeToString(deterministic=True), headers.get("plenary-revision")))
        one.AdvanceClock(duration=Duration(seconds=1))
    exported = [record.SerializeToString(deterministic=True) for record in one.registry.export()]
    return answers, exported


def test_the_same_calls_give_the_same_bytes_in_two_runs(harness, api):
    options = ("--example", "--clock", "manual", "--seed", 5)
    first, second = (transcript(harness(*options), api) for _ in range(2))
    assert first == second
    assert transcript(harness("--example", "--clock", "manual", "--seed", 6), api) != first


def test_ids_that_the_registry_makes_follow_from_the_seed(harness, api):
    def made(*options):
        one = harness("--clock", "manual", *options)
        return one.registry.VerifyRegistry(depth="QUICK").name

    assert made("--seed", 3) == made("--seed", 3) != made("--seed", 4)


def test_two_harnesses_share_nothing(harness, api):
    one, other = harness("--clock", "manual"), harness("--clock", "manual")
    one.registry.CreateTheme(theme_id="alone", theme=api.theme())
    one.AdvanceClock(duration=Duration(seconds=5))
    one.inject("*", latency=Duration(seconds=600))
    one.TakeSnapshot(name="mine")
    one.RecordCalls(enabled=True)
    assert other.registry.names("ListThemes") == []
    assert other.GetClock().time.seconds == MANUAL_START
    assert list(other.ListFaults().faults) == [] and list(other.ListSnapshots().snapshots) == []
    assert list(other.ListCalls().calls) == []


# States.


def test_a_reset_brings_back_the_beginning_with_all_its_bytes(manual, api):
    started = manual.registry.export()
    first = transcript(manual, api)
    manual.Reset()
    assert manual.registry.export() == started
    assert manual.GetClock().time.seconds == MANUAL_START
    assert transcript(manual, api) == first
    manual.Reset(state="EMPTY")
    assert manual.registry.export() == []
    manual.Reset(state="EXAMPLE")
    assert manual.registry.export() == started


def test_a_snapshot_comes_back_as_often_as_it_is_wanted(manual, api):
    one = manual.registry.CreateTheme(theme_id="one", theme=api.theme("One"))
    manual.AdvanceClock(duration=Duration(seconds=10))
    snapshot = manual.TakeSnapshot(name="base")
    assert snapshot.time.seconds == MANUAL_START + 10 and snapshot.size_bytes > 4096
    assert list(manual.ListSnapshots().snapshots) == [snapshot]
    then = transcript(manual, api)
    for _ in range(2):
        clock = manual.Reset(snapshot="base").clock
        assert clock.time.seconds == MANUAL_START + 10
        assert manual.registry.GetTheme(name="themes/one") == one
        assert transcript(manual, api) == then
    manual.DeleteSnapshot(name="base")
    assert manual.refusal("Reset", snapshot="base")[0] == Code.NOT_FOUND
    assert manual.refusal("DeleteSnapshot", name="base")[0] == Code.NOT_FOUND
    assert manual.refusal("TakeSnapshot", name="No")[0] == Code.INVALID_ARGUMENT
    # What was refused has changed nothing.
    assert manual.registry.GetTheme(name="themes/one") == one


def test_calls_during_a_reset_end_or_wait_and_none_is_half_done(plain, api, stubs):
    health, services = stubs["grpc/health/v1/health.proto"]
    watch = services.HealthStub(plain.registry.channel).Watch(health.HealthCheckRequest(), timeout=CALL_SECONDS)
    assert next(watch).status == health.HealthCheckResponse.SERVING

    def create(number):
        try:
            plain.registry.CreateTheme(theme_id=f"t-{number}", theme=api.theme(f"T {number}"))
            return Code.OK
        except grpc.RpcError as error:
            return error.code()

    with ThreadPoolExecutor(8) as threads:
        made = [threads.submit(create, number) for number in range(60)]
        plain.Reset()
        codes = {future.result() for future in made}
    assert codes <= {Code.OK, Code.UNAVAILABLE}
    with pytest.raises(grpc.RpcError) as error:
        next(watch)
    assert error.value.code() == Code.UNAVAILABLE
    assert plain.registry.VerifyRegistry(depth="FULL").name


# Faults.


def test_a_fault_ends_calls_with_a_status_and_its_details(plain, api):
    detail = Any()
    detail.Pack(ErrorInfo(reason="QUOTA", domain="plenary.registry", metadata={"a": "b"}))
    status = {"code": 8, "message": "no more today", "details": [detail]}
    fault = plain.inject("plenary.v1.ThemeService/Get*", status=status, call_count_max=2)
    assert fault.id and fault.call_count == 0
    plain.registry.CreateTheme(theme_id="a", theme=api.theme())
    for count in (1, 2):
        refusal = plain.registry.refusal("GetTheme", name="themes/a")
        assert (refusal.code, refusal.message) == (Code.RESOURCE_EXHAUSTED, "no more today")
        assert (refusal.reason, refusal.detail(ErrorInfo).metadata["a"]) == ("QUOTA", "b")
        assert [left.call_count for left in plain.ListFaults().faults] == [1][: 2 - count]
    assert plain.registry.GetTheme(name="themes/a").name == "themes/a"


def test_a_fault_after_the_handler_hides_what_was_done(plain, api):
    call = {"theme_id": "a", "theme": api.theme(), "request_id": str(uuid.uuid4())}
    plain.inject("*/CreateTheme", status={"code": 14}, moment="AFTER_HANDLER", call_count_max=1)
    assert code_of(plain.registry, "CreateTheme", **call) == Code.UNAVAILABLE
    # So it is with a network that loses an answer; the request id makes it safe to call again.
    assert plain.registry.names("ListThemes") == ["themes/a"]
    _, headers = plain.registry.ask_with_headers("CreateTheme", **call)
    assert headers["plenary-replayed"] == "true"


def test_a_fault_before_the_handler_does_nothing(plain, api):
    plain.inject("*/CreateTheme", status={"code": 10}, call_count_max=1)
    assert code_of(plain.registry, "CreateTheme", theme_id="a", theme=api.theme()) == Code.ABORTED
    assert plain.registry.names("ListThemes") == []


def test_a_fault_has_calls_wait(plain):
    plain.inject("*/ListThemes", latency=Duration(nanos=300_000_000), call_count_max=1)
    start = time.monotonic()
    assert plain.registry.names("ListThemes") == []
    assert time.monotonic() - start >= 0.3
    plain.inject("*/ListThemes", latency=Duration(seconds=600))
    call = plain.registry.api.stub(plain.registry.channel, "ListThemes")
    with pytest.raises(grpc.RpcError) as error:
        call(plain.registry.api.request("ListThemes"), timeout=0.3)
    assert error.value.code() == Code.DEADLINE_EXCEEDED
    (cleared,) = plain.ClearFaults().faults
    assert cleared.call_count == 1
    assert plain.registry.names("ListThemes") == []


def test_a_fault_resets_a_stream_or_closes_the_connection(plain, api):
    plain.inject("*/GetTheme", cut="STREAM", call_count_max=1)
    assert code_of(plain.registry, "GetTheme", name="themes/a") == Code.INTERNAL
    # The connection and its other calls go on.
    assert code_of(plain.registry, "GetTheme", name="themes/a") == Code.NOT_FOUND
    plain.inject("*/CreateTheme", cut="CONNECTION", moment="AFTER_HANDLER", call_count_max=1)
    assert code_of(plain.registry, "CreateTheme", theme_id="a", theme=api.theme()) == Code.UNAVAILABLE
    # grpcio connects anew.
    listed = until(lambda: names_or_none(plain.registry), lambda names: names is not None)
    assert listed == ["themes/a"]


def names_or_none(registry):
    try:
        return registry.names("ListThemes")
    except grpc.RpcError:
        return None


@pytest.mark.parametrize("end", [{"status": {"code": 14}}, {"cut": "STREAM"}, {"cut": "CONNECTION"}])
def test_a_fault_ends_a_stream_after_some_messages(manual, end):
    manual.inject("*/ExportRegistry", after_messages=3, call_count_max=1, **end)
    registry = manual.registry
    answers = registry.api.stub(registry.channel, "ExportRegistry")(
        registry.api.request("ExportRegistry"), timeout=CALL_SECONDS
    )
    count = 0
    with pytest.raises(grpc.RpcError) as error:
        for _ in answers:
            count += 1
    assert count == 3
    assert error.value.code() in (Code.UNAVAILABLE, Code.INTERNAL)


def test_a_fault_has_streams_come_slowly(manual):
    everything = manual.registry.export()
    size = sum(record.ByteSize() for record in everything)
    manual.inject("*/ExportRegistry", slowness={"bytes_per_second": size * 2}, call_count_max=1)
    start = time.monotonic()
    assert manual.registry.export() == everything
    assert time.monotonic() - start >= 0.4
    manual.inject("*/GetTheme", slowness={"delay": Duration(nanos=300_000_000)}, call_count_max=1)
    start = time.monotonic()
    manual.registry.GetTheme(name=manual.registry.names("ListThemes")[0])
    assert time.monotonic() - start >= 0.3


def test_a_fault_has_the_disk_full_for_the_calls_of_a_method(manual, api):
    manual.inject("*/CreateTheme", disk_full=True)
    refusal = manual.registry.refusal("CreateTheme", theme_id="a", theme=api.theme())
    assert refusal.code == Code.RESOURCE_EXHAUSTED and refusal.reason == "LIMIT_REACHED"
    assert manual.registry.GetDialogue(name="dialogues/asia-ict-ct-3").ordinal == 3
    # Others find room.
    assert manual.registry.UpdateTheme(theme=manual.registry.records("ListThemes")[0])
    manual.inject("*/ImportRegistry", disk_full=True)
    with pytest.raises(grpc.RpcError) as error:
        manual.registry.import_records([api.Record(theme=api.theme(name="themes/b"))])
    assert error.value.code() == Code.RESOURCE_EXHAUSTED
    manual.ClearFaults()
    assert manual.registry.CreateTheme(theme_id="a", theme=api.theme()).name == "themes/a"


def test_a_fault_strikes_the_same_share_of_the_calls_for_a_seed(harness):
    def struck(*options):
        one = harness(*options)
        one.inject("*/GetTheme", status={"code": 14}, probability=0.5)
        return [code_of(one.registry, "GetTheme", name="themes/a") == Code.UNAVAILABLE for _ in range(60)]

    first = struck("--seed", 2)
    assert struck("--seed", 2) == first and 15 <= sum(first) <= 45
    assert struck("--seed", 3) != first


def test_faults_that_are_wrong_or_too_many_are_refused(plain):
    for fault in [
        {"method": "*"},
        {"latency": Duration(seconds=1)},
        {"method": "*", "latency": Duration(seconds=-1)},
        {"method": "*", "status": {"code": 0}},
        {"method": "*", "latency": Duration(seconds=1), "probability": 2},
    ]:
        assert plain.refusal("InjectFault", fault=fault)[0] == Code.INVALID_ARGUMENT, fault
    for _ in range(100):
        plain.inject("nothing", latency=Duration(seconds=1))
    code, message = plain.refusal("InjectFault", fault={"method": "*", "latency": Duration(seconds=1)})
    assert code == Code.RESOURCE_EXHAUSTED and "clear" in message
    assert plain.refusal("ClearFaults", id="fault-999")[0] == Code.NOT_FOUND
    assert len(plain.ClearFaults().faults) == 100


# Records of calls.


def test_calls_are_recorded_with_their_requests_and_outcomes(manual, api):
    registry = manual.registry
    manual.RecordCalls(enabled=True)
    registry.CreateTheme(theme_id="a", theme=api.theme())
    code_of(registry, "GetTheme", name="themes/none")
    registry.export()
    assert registry.import_records([api.Record(theme=api.theme("B", name="themes/b"))]).summary.applied
    registry.api.stub(registry.channel, "ListThemes")(
        registry.api.request("ListThemes"), metadata=[("x-b", "secret"), ("x-a", "1")], timeout=CALL_SECONDS
    )
    manual.RecordCalls(enabled=False, keep=True)
    registry.names("ListThemes")
    calls = manual.ListCalls().calls
    assert [call.method.split("/")[1] for call in calls] == [
        "CreateTheme", "GetTheme", "ExportRegistry", "ImportRegistry", "ListThemes",
    ]  # fmt: skip
    assert [call.status_code for call in calls] == [0, 5, 0, 0, 0]
    assert {call.state for call in calls} == {manual.messages.Call.DONE}
    assert api.CreateThemeRequest.FromString(calls[0].request).theme_id == "a"
    assert "themes/none" in calls[1].status_message
    assert calls[2].message_count > 1 and calls[3].request == b""
    assert list(calls[4].metadata_keys)[-2:] == ["x-a", "x-b"]
    assert b"secret" not in manual.ListCalls().SerializeToString()
    assert {call.start_time.seconds for call in calls} == {MANUAL_START}
    only = manual.ListCalls(method="plenary.v1.ThemeService/G*").calls
    assert [call.method for call in only] == ["plenary.v1.ThemeService/GetTheme"]
    manual.RecordCalls(enabled=False)
    assert list(manual.ListCalls().calls) == []


def test_of_more_calls_than_are_kept_the_oldest_are_forgotten(plain):
    plain.RecordCalls(enabled=True, method="*/GetTheme")
    for number in range(1001):
        code_of(plain.registry, "GetTheme", name=f"themes/t-{number}")
        if number == 999:
            assert plain.ListCalls().forgotten_count == 0
    kept = plain.ListCalls()
    assert kept.forgotten_count == 1 and len(kept.calls) == 1000
    assert plain.registry.api.GetThemeRequest.FromString(kept.calls[0].request).name == "themes/t-1"


def test_a_long_request_is_left_out_of_its_call(plain, api):
    plain.RecordCalls(enabled=True)

    def sized(byte_count):
        request = api.ListThemesRequest(filter="a")
        request.filter = "a" * (byte_count - (request.ByteSize() - 1) - 3)
        request.filter += "a" * (byte_count - request.ByteSize())
        assert request.ByteSize() == byte_count
        return {"filter": request.filter}

    for byte_count in (64 << 10, (64 << 10) + 1):
        code_of(plain.registry, "ListThemes", **sized(byte_count))
    within, beyond = plain.ListCalls().calls
    assert len(within.request) == 64 << 10 and not within.request_left_out
    assert beyond.request == b"" and beyond.request_left_out


# Its end.


def test_it_ends_when_its_standard_input_does():
    process = subprocess.Popen(
        [binary("plenary-harness")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert json.loads(process.stdout.readline())["pid"] == process.pid
    process.stdin.write("what is sent says nothing\n")
    process.stdin.flush()
    process.stdin.close()
    assert process.wait(timeout=CALL_SECONDS) == 0
    process.stdout.close()


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.argv[1]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
print(child.stdout.readline(), end="", flush=True)
time.sleep(600)
"""


def test_it_ends_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, binary("plenary-harness")], stdout=subprocess.PIPE, text=True
    )
    ready = json.loads(parent.stdout.readline())
    assert exists(ready["pid"])
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: exists(ready["pid"]), lambda runs: not runs)


@pytest.mark.parametrize("count", [20, pytest.param(1000, marks=pytest.mark.full)])
def test_of_many_harnesses_nothing_is_left(api, stubs, count):
    pids, ports, started = [], [], []
    open_files = len(os.listdir("/proc/self/fd"))
    for _ in range(count):
        before = time.monotonic()
        with Harness(api, stubs, "--example", "--clock", "manual") as one:
            started.append(time.monotonic() - before)
            pids.append(one.pid)
            ports.append(int(one.ready["address"].rsplit(":", 1)[1]))
    print(f"median start of {count}: {sorted(started)[count // 2] * 1000:.1f} ms")
    assert [pid for pid in pids if exists(pid)] == []
    left = []
    for lock in SHARED_MEMORY.glob("plenary-memory-*.lock"):
        try:
            left += [lock] if int(lock.read_text() or 0) in pids else []
        except FileNotFoundError:
            # Another's, which has ended meanwhile.
            continue
    assert left == []
    for port in ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    # grpcio closes its channels a moment later.
    until(lambda: len(os.listdir("/proc/self/fd")), lambda now: now <= open_files + 20)


def test_what_is_deployed_has_nothing_of_it():
    mark = b"plenary.testing.v1"
    assert mark in Path(binary("plenary-harness")).read_bytes()
    for program in ("plenaryd", "plenary"):
        assert mark not in Path(binary(program)).read_bytes(), program
