"""What tests of who calls have in common."""

import contextlib
import queue
import threading

import grpc

from plenary_testing import run

# What makes a daemon ask who calls.
REQUIRED = ("--set", "auth.required=true")

# From the least to the most.
ROLES = ("READER", "EDITOR", "PUBLISHER", "OFFICER", "ADMIN")

# How long a stream may go on whose caller is let in no longer.
REVOKED_SECONDS_MAX = 1


def two_organizations(api, admin):
    for name in ("a", "b"):
        admin.CreateOrganization(
            organization_id=name,
            organization=api.Organization(title=api.text(name), kind="GOVERNMENT_BODY"),
        )


def code_of(client):
    try:
        client.ListThemes()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@contextlib.contextmanager
def watching(api, client):
    """Watches for changes: where the error ends up with which the watch ends."""
    call = api.stub(client.channel, "WatchChanges")(api.request("WatchChanges", from_beginning=True))
    assert next(call) is not None
    end = queue.SimpleQueue()

    def read():
        try:
            for _ in call:
                pass
        except grpc.RpcError as error:
            end.put(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield end
    finally:
        call.cancel()
        reader.join()


def cli(daemon, *arguments, token=None, **options):
    env = {"PLENARY_TOKEN": token} if token else {}
    return run("plenary", *arguments, "--server", daemon.address, env=env, **options)
