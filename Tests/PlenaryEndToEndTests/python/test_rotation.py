"""Secrets are exchanged while calls go on: the tokens and certificates of clients, and the certificate of the server."""

import signal
import socket
import ssl
import threading

import grpc
import pytest
from cryptography import x509

from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import CLIENT, Authority
from plenary_testing.identities import code_of, two_organizations
from plenary_testing.registry import RegistryClient

ROUNDS = 4
CALLS_PER_CONNECTION = 10
CALLS_PER_ROUND = 30


class Load:
    """Calls in a thread of their own, with the secrets of the moment and a new connection every few of them."""

    def __init__(self, api, address, secrets):
        self._api, self._address, self._secrets = api, address, secrets
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.count = 0
        self.failures = []
        self._thread.start()

    def _run(self):
        while not self._stopped.is_set():
            token, issued, root = self._secrets()
            shown = (issued.key, issued.certificate) if issued else (None, None)
            credentials = grpc.ssl_channel_credentials(root, *shown)
            with RegistryClient(
                self._api, self._address, shares_connection=False, token=token, credentials=credentials
            ) as client:
                for _ in range(CALLS_PER_CONNECTION):
                    try:
                        client.ListThemes()
                        self.count += 1
                    except grpc.RpcError as error:
                        self.failures.append(error)

    def stop(self):
        self._stopped.set()
        self._thread.join()


@pytest.fixture
def root(tmp_path):
    return Authority(tmp_path / "root", "root")


@pytest.fixture
def agency(tmp_path):
    return Authority(tmp_path / "agency", "agency")


@pytest.fixture
def daemon(start, data, admin_token, root, agency, tmp_path):
    server = root.server()
    file = tmp_path / "plenaryd.yaml"
    file.write_text(
        f"auth:\n  required: true\ntls:\n  certificate_file: {server.certificate_file}\n  key_file: {server.key_file}\n"
        f"  client_certificates: optional\n  client_authorities: ['organizations/a={agency.certificate_file}']\n"
    )
    return start("--config", file, "--log-level", "notice", data=data)[1]


def test_whatever_is_exchanged_under_load_no_call_fails(api, daemon, root, agency, admin_token):
    credentials = grpc.ssl_channel_credentials(root.certificate)
    uri = x509.UniformResourceIdentifier("spiffe://a.example/mesh")
    issue = lambda: agency.issue("mesh", names=[uri], purpose=CLIENT)
    with RegistryClient(api, daemon.address, token=admin_token, credentials=credentials) as admin:
        two_organizations(api, admin)
        grant = api.Client.Grant(role="READER")
        admin.CreateClient(client_id="desk", client=api.Client(roles=[grant]))
        admin.CreateClient(
            client_id="mesh",
            client=api.Client(organization="organizations/a", roles=[grant], certificate_identities=[uri.value]),
        )
        token, mesh = admin.IssueClientToken(name="clients/desk").token, issue()
        shown = grpc.ssl_channel_credentials(root.certificate, mesh.key, mesh.certificate)
        with RegistryClient(api, daemon.address, credentials=shown) as client:
            until(lambda: code_of(client), lambda code: code is grpc.StatusCode.OK)
        loads = [Load(api, daemon.address, lambda: (token, None, root.certificate)) for _ in range(2)]
        loads += [Load(api, daemon.address, lambda: (None, mesh, root.certificate)) for _ in range(2)]
        try:
            for number in range(1, ROUNDS + 1):
                token = admin.RotateClientToken(name="clients/desk").token
                mesh = issue()
                served = root.server()
                daemon.signal(signal.SIGHUP)
                until(lambda: daemon.log.count("configuration.reloaded"), lambda count: count == number)
                counts = [load.count + CALLS_PER_ROUND for load in loads]
                until(
                    lambda: [load.count for load in loads] + [len(load.failures) for load in loads],
                    lambda now: any(now[len(loads):]) or all(have >= want for have, want in zip(now, counts)),
                )
                # What is served is the new one, so it was the old one that was exchanged.
                assert certificate_of(daemon) == served.x509
        finally:
            for load in loads:
                load.stop()
        assert [failure for load in loads for failure in load.failures] == []
    for line in served.key.decode().splitlines()[1:-1]:
        assert line not in daemon.log


def certificate_of(daemon):
    host, port = daemon.address.rsplit(":", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection((host, int(port)), timeout=CALL_SECONDS) as raw:
        with context.wrap_socket(raw) as secure:
            return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True))
