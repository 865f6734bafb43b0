"""The registry for tests as its users use it: plenary-harness as a process, commanded by grpcio."""

import grpc

from plenary_testing.calls import CALL_SECONDS, error_of
from plenary_testing.process import ServerProcess
from plenary_testing.registry import RegistryClient

PROTO = "plenary/testing/v1/harness.proto"


class Harness(ServerProcess):
    """A running plenary-harness: `registry` is a client of what it serves, and its commands are methods that take the
    fields of their requests.

        with Harness(api, stubs, "--example", "--clock", "manual") as harness:
            harness.AdvanceClock(duration={"seconds": 60})
            harness.registry.GetTheme(name="themes/x")
    """

    def __init__(self, api, stubs, *options, **settings):
        super().__init__("plenary-harness", *options, **settings)
        self.messages, self._services = stubs[PROTO]
        self.registry = RegistryClient(api, self.ready["address"])
        self._stub = self._services.HarnessStub(self.registry.channel)

    def __getattr__(self, method):
        if method.startswith("_") or f"{method}Request" not in self.messages.DESCRIPTOR.message_types_by_name:
            raise AttributeError(f"plenary.testing.v1.Harness has no method {method}")
        request = getattr(self.messages, f"{method}Request")
        return lambda **fields: getattr(self._stub, method)(request(**fields), timeout=CALL_SECONDS)

    def refusal(self, method, **fields):
        """The code and the message that a command is refused with."""
        request = getattr(self.messages, f"{method}Request")(**fields)
        error = error_of(getattr(self._stub, method), request)
        return error.code(), error.details()

    def inject(self, method, **fault):
        """A fault for the calls of a method."""
        return self.InjectFault(fault={"method": method, **fault})

    def __exit__(self, *error):
        self.registry.channel.close()
        super().__exit__(*error)


def code_of(registry, method, **fields):
    """The code that a call of the registry ends with."""
    error = error_of(registry.api.stub(registry.channel, method), registry.api.request(method, **fields))
    assert isinstance(error, grpc.RpcError)
    return error.code()
