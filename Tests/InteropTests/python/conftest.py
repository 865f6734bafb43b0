"""The test server, and channels of grpcio to it."""

import grpc
import pytest

from plenary_testing import ServerProcess


@pytest.fixture(scope="module")
def server():
    """A server for one module, which has to drain and end well behind the module's last test."""
    with ServerProcess("grpc-testserver") as process:
        yield process


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.address) as channel:
        yield channel
