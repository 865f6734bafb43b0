"""Daemons, and grpcio's clients of them."""

import json
from contextlib import ExitStack

import pytest

from plenary_testing import run
from plenary_testing.identities import REQUIRED
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


@pytest.fixture
def guarded(start, data, admin_token):
    """A daemon that asks who calls: a client of it that does not say so, and the daemon."""
    return start(*REQUIRED, data=data)


@pytest.fixture
def connect(api, guarded):
    """Makes clients that send a token: `connect(token)`."""
    with ExitStack() as stack:
        yield lambda token: stack.enter_context(RegistryClient(api, guarded[1].address, token=token))


@pytest.fixture
def admin(connect, admin_token):
    return connect(admin_token)


@pytest.fixture
def member(api, admin, connect):
    """Makes a client with roles and connects as it: `member("desk", "EDITOR", organization=…)`."""

    def make(name, *roles, organization="", **token):
        grants = []
        for role in roles:
            role, _, scope = role.partition("@")
            grants.append(api.Client.Grant(role=role, scope=scope))
        admin.CreateClient(client_id=name, client=api.Client(organization=organization, roles=grants))
        return connect(admin.IssueClientToken(name=f"clients/{name}", **token).token)

    return make
