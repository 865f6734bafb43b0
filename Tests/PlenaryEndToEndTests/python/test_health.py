"""grpc.health.v1 of the daemon."""

import signal

import grpc
import pytest

from plenary_testing.calls import CALL_SECONDS, error_of


@pytest.fixture(scope="module")
def health(stubs):
    return stubs["grpc/health/v1/health.proto"][0]


@pytest.fixture(scope="module")
def make_stub(stubs):
    return stubs["grpc/health/v1/health.proto"][1].HealthStub


def test_every_service_is_serving(example, api, health, make_stub):
    stub = make_stub(example.channel)
    for service in ["", *api.services]:
        answer = stub.Check(health.HealthCheckRequest(service=service), timeout=CALL_SECONDS)
        assert answer.status == health.HealthCheckResponse.SERVING, service
    error = error_of(stub.Check, health.HealthCheckRequest(service="plenary.v1.NoService"))
    assert error.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", ["", "plenary.v1.DialogueService"])
def test_who_watches_learns_of_the_end(start, health, make_stub, service):
    client, daemon = start()
    changes = make_stub(client.channel).Watch(health.HealthCheckRequest(service=service), timeout=CALL_SECONDS)
    assert next(changes).status == health.HealthCheckResponse.SERVING
    daemon.signal(signal.SIGTERM)
    assert next(changes).status == health.HealthCheckResponse.NOT_SERVING
    with pytest.raises(grpc.RpcError) as end:
        next(changes)
    assert end.value.code() is grpc.StatusCode.UNAVAILABLE
    assert daemon.wait() == 0
