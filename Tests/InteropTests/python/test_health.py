"""grpc.health.v1 from grpcio."""

import signal

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS, error_of
from plenary_testing import ServerProcess

SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "grpc.testing.TestService",
    "kit.v1.Echo",
]


@pytest.fixture(scope="module")
def health(stubs):
    return stubs["grpc/health/v1/health.proto"][0]


@pytest.fixture(scope="module")
def make_stub(stubs):
    return stubs["grpc/health/v1/health.proto"][1].HealthStub


@pytest.fixture
def stub(make_stub, channel):
    return make_stub(channel)


@pytest.mark.parametrize("service", ["", "kit.v1.Echo", "grpc.testing.TestService"])
def test_check_says_serving(stub, health, service):
    answer = stub.Check(health.HealthCheckRequest(service=service), timeout=CALL_SECONDS)
    assert answer.status == health.HealthCheckResponse.SERVING


def test_check_of_an_unknown_service_is_not_found(stub, health):
    error = error_of(stub.Check, health.HealthCheckRequest(service="kit.v1.Nothing"))
    assert error.code() is grpc.StatusCode.NOT_FOUND


def test_list_names_the_services(stub, health):
    statuses = stub.List(health.HealthListRequest(), timeout=CALL_SECONDS).statuses
    assert {"", "kit.v1.Echo", "grpc.testing.TestService"} <= set(statuses) <= {"", *SERVICES}
    assert {entry.status for entry in statuses.values()} == {health.HealthCheckResponse.SERVING}


def test_watch_tells_the_status_at_once(stub, health):
    changes = stub.Watch(health.HealthCheckRequest(service="kit.v1.Echo"), timeout=CALL_SECONDS)
    assert next(changes).status == health.HealthCheckResponse.SERVING
    changes.cancel()


def test_watch_of_an_unknown_service_says_so_and_stays(stub, health):
    changes = stub.Watch(health.HealthCheckRequest(service="kit.v1.Nothing"), timeout=CALL_SECONDS)
    assert next(changes).status == health.HealthCheckResponse.SERVICE_UNKNOWN
    # A whole call later it is still open.
    stub.Check(health.HealthCheckRequest(), timeout=CALL_SECONDS)
    assert changes.is_active()
    changes.cancel()


def test_draining_is_told_to_who_watches(make_stub, health):
    with ServerProcess("grpc-testserver") as server, grpc.insecure_channel(server.address) as channel:
        stub = make_stub(channel)
        changes = stub.Watch(health.HealthCheckRequest(), timeout=CALL_SECONDS)
        assert next(changes).status == health.HealthCheckResponse.SERVING
        server.signal(signal.SIGTERM)
        assert next(changes).status == health.HealthCheckResponse.NOT_SERVING
        with pytest.raises(grpc.RpcError) as end:
            next(changes)
        assert end.value.code() is grpc.StatusCode.UNAVAILABLE
        assert server.wait() == 0
