"""plenaryd with TLS: who gets in, by grpcio and by the command line, and how certificates are changed."""

import signal

import grpc
import pytest

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import CLIENT, Authority
from plenary_testing.registry import plenaryd


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


@pytest.fixture
def settings(tmp_path, authority):
    """A file of settings with TLS in it, in which every client has to show a certificate."""
    server = authority.server()
    file = tmp_path / "plenaryd.yaml"
    file.write_text(
        f"tls:\n  certificate_file: {server.certificate_file}\n  key_file: {server.key_file}\n"
        f"  client_authority_file: {authority.certificate_file}\n  client_certificates: required\n"
    )
    return file


def names(api, address, credentials):
    with grpc.secure_channel(address, credentials) as channel:
        call = api.stub(channel, "ListThemes")
        return [theme.name for theme in call(api.request("ListThemes"), timeout=CALL_SECONDS).themes]


def test_whoever_shows_a_certificate_gets_in_and_nobody_else(api, authority, settings):
    client = authority.issue("agency", purpose=CLIENT)
    files = ["--tls-ca", authority.certificate_file]
    own = ["--tls-cert", client.certificate_file, "--tls-key", client.key_file]
    with plenaryd("--config", settings) as daemon:
        ca = authority.certificate
        shown = grpc.ssl_channel_credentials(ca, client.key, client.certificate)
        assert names(api, daemon.address, shown) == []
        with pytest.raises(grpc.RpcError) as refused:
            names(api, daemon.address, grpc.ssl_channel_credentials(ca))
        assert refused.value.code() == grpc.StatusCode.UNAVAILABLE

        created = run("plenary", "create", "theme", "t", "--set", "scheme=x", "--set", "pref_label=T",
                      "--server", daemon.address, *files, *own)
        assert created.returncode == 0, created.stderr
        assert names(api, daemon.address, shown) == ["themes/t"]
        for options, code in [(files, 8), ([], 8), ([*files, "--tls-cert", client.certificate_file], 2)]:
            done = run("plenary", "list", "themes", "--server", daemon.address, "--timeout", "10s", *options)
            assert done.returncode == code and done.stderr.startswith("error: "), done.stderr
            assert len(done.stderr.splitlines()) == 1


def test_an_open_address_needs_tls_with_certificates_of_clients(authority, settings):
    with plenaryd("--config", settings, listen="0.0.0.0:0") as daemon:
        assert daemon.address.startswith("0.0.0.0:")
    settings.write_text(settings.read_text().replace("required", "optional"))
    done = run("plenaryd", "run", "--config", settings, "--listen", "0.0.0.0:0", "--data", ":memory:")
    assert done.returncode == 2 and "tls.client_certificates" in done.stderr


def test_a_new_certificate_is_taken_over_without_a_restart(api, authority, settings, tmp_path):
    client = authority.issue("agency", purpose=CLIENT)
    shown = grpc.ssl_channel_credentials(authority.certificate, client.key, client.certificate)
    with plenaryd("--config", settings, "--log-level", "notice") as daemon:
        assert names(api, daemon.address, shown) == []
        authority.server().certificate_file.write_text("no certificate")
        daemon.signal(signal.SIGHUP)
        until(lambda: daemon.log, lambda log: "configuration.refused" in log and "server.pem" in log)
        assert names(api, daemon.address, shown) == []
        authority.server()
        daemon.signal(signal.SIGHUP)
        until(lambda: daemon.log, lambda log: "configuration.reloaded" in log)
        assert names(api, daemon.address, shown) == []


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("tls:\n  certificate_file: x.pem\n", "tls.key_file is missing"),
        ("tls:\n  key_file: x.pem\n", "tls.certificate_file is missing"),
        ("tls:\n  client_certificates: required\n", "tls.certificate_file is missing"),
        ("tls:\n  certificate_file: a\n  key_file: b\n  client_certificates: required\n", "client_authority_file is missing"),
        ("tls:\n  client_certificates: maybe\n", "it must be one of off, optional, required"),
    ],
)
def test_parts_of_tls_that_lack_others_are_told(tmp_path, lines, words):
    file = tmp_path / "plenaryd.yaml"
    file.write_text(lines)
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == 2 and words in done.stderr, done.stderr


def test_a_certificate_that_is_none_is_told_at_the_start(tmp_path):
    (tmp_path / "server.pem").write_text("nothing")
    file = tmp_path / "plenaryd.yaml"
    file.write_text(f"tls:\n  certificate_file: {tmp_path}/server.pem\n  key_file: {tmp_path}/none.key\n")
    for verb in ["run", "validate"]:
        done = run("plenaryd", verb, "--config", file, "--listen", "127.0.0.1:0", "--data", ":memory:")
        assert done.returncode == 1 and done.stdout == ""
        assert str(tmp_path) in done.stderr and "--listen" not in done.stderr
        assert len(done.stderr.splitlines()) == 1
