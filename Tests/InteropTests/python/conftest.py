"""The test server, and channels of grpcio to it."""

import grpc
import pytest

from plenary_testing import ServerProcess
from plenary_testing.certificates import CLIENT, Authority


class Transport:
    """How the server and its clients talk: in clear, or with TLS, with or without a certificate of the client."""

    def __init__(self, kind, folder):
        self.kind = kind
        if kind != "clear":
            self.authority = Authority(folder)
            self._server = self.authority.server()
            self._client = self.authority.issue("client", purpose=CLIENT)

    @property
    def server_arguments(self):
        if self.kind == "clear":
            return []
        arguments = ["--tls-cert", self._server.certificate_file, "--tls-key", self._server.key_file]
        return arguments + (["--tls-ca", self.authority.certificate_file] if self.kind == "mutual-tls" else [])

    def channel(self, address, options=None):
        if self.kind == "clear":
            return grpc.insecure_channel(address, options=options)
        own = (self._client.key, self._client.certificate) if self.kind == "mutual-tls" else (None, None)
        return grpc.secure_channel(
            address, grpc.ssl_channel_credentials(self.authority.certificate, *own), options=options
        )


@pytest.fixture(scope="module")
def transport(request, tmp_path_factory):
    """In clear, unless a module asks for others by indirect parameters."""
    return Transport(getattr(request, "param", "clear"), tmp_path_factory.mktemp("transport"))


@pytest.fixture(scope="module")
def server(transport):
    """A server for one module, which has to drain and end well behind the module's last test."""
    with ServerProcess("grpc-testserver", *transport.server_arguments) as process:
        yield process


@pytest.fixture
def channel(server, transport):
    with transport.channel(server.address) as channel:
        yield channel
