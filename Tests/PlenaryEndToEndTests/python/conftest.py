"""Daemons, and grpcio's clients of them."""

import json
from contextlib import ExitStack

import pytest

from plenary_testing import run
from plenary_testing.registry import RegistryAPI, RegistryClient, plenaryd


@pytest.fixture(scope="session")
def api(stubs):
    """The messages and methods of plenary.v1."""
    return RegistryAPI(stubs)


@pytest.fixture
def start(api):
    """Starts daemons that end with the test, and have to end well: `client, daemon = start("--data", …)`."""
    with ExitStack() as stack:

        def one(*options, **settings):
            daemon = stack.enter_context(plenaryd(*options, **settings))
            return stack.enter_context(RegistryClient(api, daemon.address)), daemon

        yield one


@pytest.fixture
def registry(start):
    """A client of an empty registry that the test has to itself."""
    return start()[0]


@pytest.fixture
def filled(registry, api):
    """A client of a registry with the example, which the test has to itself."""
    assert registry.import_records(api.example()).summary.applied
    return registry


@pytest.fixture(scope="module")
def example(api):
    """A client of a registry with the example; the tests of a module share it and leave it as it is."""
    with plenaryd() as daemon, RegistryClient(api, daemon.address) as client:
        assert client.import_records(api.example()).summary.applied
        yield client


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def admin_token(data):
    """The token of the first administrator, as `plenaryd init` prints it."""
    done = run("plenaryd", "init", "--data", data, "--output", "json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["client"] == "clients/admin"
    return answer["token"]
