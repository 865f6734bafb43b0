"""Fixtures of all Python suites."""

import signal

import pytest

from plenary_testing import Stubs

# From Debian's grpc-proto. Reflection v1alpha is not among them: grpcio-reflection brings its own.
PUBLISHED = [
    "grpc/testing/empty.proto",
    "grpc/testing/messages.proto",
    "grpc/testing/test.proto",
    "grpc/reflection/v1/reflection.proto",
]


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="run also what is marked `full`")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--full"):
        return
    left = [item for item in items if item.get_closest_marker("full")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def pytest_configure():
    # Ended by its caller, a run stops the servers that it started, as it does at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def stubs(tmp_path_factory):
    """Stubs of all our protos and of gRPC's; see `Stubs`."""
    return Stubs(tmp_path_factory.mktemp("stubs"), Stubs.ours("") + PUBLISHED)
