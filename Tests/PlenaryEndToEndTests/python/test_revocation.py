"""Certificates that their authority has taken back: lists that are used, lists that are not, and what is said of them."""

import json
import os
import signal
import time

import grpc
import pytest

from plenary_testing import run
from plenary_testing.calls import CALL_SECONDS, until
from plenary_testing.certificates import CLIENT, Authority
from plenary_testing.identities import REVOKED_SECONDS_MAX, code_of, two_organizations, watching
from plenary_testing.registry import RegistryClient
from cryptography import x509

URI = "spiffe://a.example/desk"
STAYS = "spiffe://a.example/stays"


@pytest.fixture
def root(tmp_path):
    return Authority(tmp_path / "root", "root")


@pytest.fixture
def agency(tmp_path):
    return Authority(tmp_path / "a", "a")


def settings(tmp_path, root, agency, crl):
    server = root.server()
    file = tmp_path / "plenaryd.yaml"
    file.write_text(
        f"auth:\n  required: true\ntls:\n  certificate_file: {server.certificate_file}\n  key_file: {server.key_file}\n"
        f"  client_certificates: optional\n"
        f"  client_authorities: ['organizations/a={agency.certificate_file} crl={crl}']\n"
    )
    return file


@pytest.fixture
def guarded(start, data, admin_token, root, agency, tmp_path):
    """A daemon that asks an authority's list, which takes nothing back yet."""
    file = settings(tmp_path, root, agency, agency.take_back(made=3600))
    return start("--config", file, "--log-level", "notice", data=data)[1]


@pytest.fixture
def admin(api, guarded, root, admin_token):
    credentials = grpc.ssl_channel_credentials(root.certificate)
    with RegistryClient(api, guarded.address, token=admin_token, credentials=credentials) as client:
        two_organizations(api, client)
        for name, uri in (("desk", URI), ("stays", STAYS)):
            grant = api.Client.Grant(role="READER", scope="*")
            client.CreateClient(
                client_id=name,
                client=api.Client(organization="organizations/a", roles=[grant], certificate_identities=[uri]),
            )
        yield client


@pytest.fixture
def connect(api, guarded, root):
    clients = []

    def one(issued, token=None):
        credentials = grpc.ssl_channel_credentials(root.certificate, issued.key, issued.certificate)
        clients.append(RegistryClient(api, guarded.address, token=token, credentials=credentials).__enter__())
        return clients[-1]

    yield one
    for client in clients:
        client.__exit__(None, None, None)


def issue(agency, uri):
    return agency.issue(uri.rsplit("/", 1)[1], names=[x509.UniformResourceIdentifier(uri)], purpose=CLIENT)


def test_a_certificate_that_is_taken_back_is_refused_and_its_streams_end_within_a_second(
    api, admin, connect, agency, guarded
):
    gone, kept = issue(agency, URI), issue(agency, STAYS)
    desk, stays = connect(gone), connect(kept)
    until(lambda: (code_of(desk), code_of(stays)), lambda codes: codes == (grpc.StatusCode.OK, grpc.StatusCode.OK))
    with watching(api, desk) as end, watching(api, stays) as other:
        begun = time.monotonic()
        agency.take_back(gone)
        error = end.get(timeout=CALL_SECONDS)
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert time.monotonic() - begun <= REVOKED_SECONDS_MAX
        refusal = desk.refusal("ListThemes")
        assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIALS_INVALID")
        # A new connection is of no use either, and the client goes on with another certificate.
        assert code_of(connect(gone)) is grpc.StatusCode.UNAUTHENTICATED
        assert code_of(connect(issue(agency, URI))) is grpc.StatusCode.OK
        assert code_of(stays) is grpc.StatusCode.OK and other.empty()
    # It is noted as a refusal, as each is.
    entries = admin.ListAccessEntries(outcome="REFUSED").entries
    assert any(entry.reason == "CREDENTIALS_INVALID" for entry in entries)


def test_what_an_authority_takes_back_no_longer_is_good_again(admin, connect, agency):
    gone = issue(agency, URI)
    agency.take_back(gone)
    desk = connect(gone)
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.UNAUTHENTICATED)
    agency.take_back()
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)


def test_a_list_that_cannot_be_used_is_told_and_the_one_before_counts_on(
    admin, connect, agency, guarded, root, tmp_path, admin_token
):
    gone = issue(agency, URI)
    crl = agency.take_back(gone, made=60)
    desk = connect(gone)
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.UNAUTHENTICATED)
    good = crl.read_bytes()
    namesake = Authority(tmp_path / "namesake", "a")
    wrong = {
        "is signed by none of the certificates": lambda: crl.write_bytes(namesake.take_back().read_bytes()),
        "has expired": lambda: agency.take_back(made=86400, days=0, seconds=60),
        "lacks a list that it held before or has an older one": lambda: agency.take_back(made=86400),
        "cannot be read": lambda: crl.write_bytes(good[:-60]),
        "does not exist": crl.unlink,
    }
    for words, break_it in wrong.items():
        break_it()
        until(lambda: guarded.log, lambda log: words in log)
        assert "ERROR" in guarded.log.upper() and "revocations.refused" in guarded.log
        assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED
        file = admin.GetAccessStatus().revocation_files[0]
        assert words in file.problem and file.revoked_count == 1
    ca = ["--server", guarded.address, "--tls-ca", root.certificate_file]
    told = run("plenary", "status", *ca, env={"PLENARY_TOKEN": admin_token})
    assert told.returncode == 0 and "does not exist" in " ".join(told.stdout.split()), told.stdout
    doctor = run("plenary", "doctor", *ca, "--output", "json", env={"PLENARY_TOKEN": admin_token})
    check = {check["subject"]: check for check in json.loads(doctor.stdout)}[f"revocation list {crl}"]
    assert doctor.returncode == 9 and check["verdict"] == "bad" and "does not exist" in check["finding"]
    # SIGHUP refuses what cannot be used too, and takes an older list, as it is asked for.
    guarded.signal(signal.SIGHUP)
    until(lambda: guarded.log, lambda log: "configuration.refused" in log)
    agency.take_back(made=86400)
    guarded.signal(signal.SIGHUP)
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.OK)
    assert admin.GetAccessStatus().revocation_files[0].problem == ""


def test_the_list_of_one_issuer_may_be_no_older_when_that_of_another_is_new(admin, connect, agency, guarded, tmp_path):
    sister = Authority(tmp_path / "sister", "sister")
    certificates = agency.certificate_file
    certificates.write_bytes(certificates.read_bytes() + sister.certificate_file.read_bytes())
    guarded.signal(signal.SIGHUP)
    until(lambda: guarded.log, lambda log: "configuration.reloaded" in log)
    gone = issue(agency, URI)
    crl = agency.take_back(gone, made=600)
    own, own_before = crl.read_bytes(), agency.take_back(name="before", made=700).read_bytes()
    own_new = agency.take_back(gone, name="new", made=60).read_bytes()
    other = sister.take_back(made=900).read_bytes()
    other_new = sister.take_back(made=60).read_bytes()

    def give(*lists):
        new = tmp_path / "lists.new"
        new.write_bytes(b"".join(lists))
        os.replace(new, crl)

    def known():
        return admin.GetAccessStatus().revocation_files[0]

    give(own, other)
    until(known, lambda file: file.revoked_count == 1 and file.publish_time.seconds < time.time() - 800)
    desk = connect(gone)
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED
    # An older one of its own, none of its own, and none of the other, each beside a new one.
    for lists in ((own_before, other_new), (other_new,), (own_new,)):
        told = guarded.log.count("lacks a list that it held before or has an older one")
        give(*lists)
        until(lambda: guarded.log.count("lacks a list that it held before or has an older one"), lambda n: n > told)
        assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED
        assert "send SIGHUP" in known().problem and known().revoked_count == 1
    give(own_new, other_new)
    until(known, lambda file: file.problem == "" and file.publish_time.seconds > time.time() - 800)
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED


def test_a_list_that_expires_meanwhile_counts_on_and_is_called_overdue(admin, connect, agency, guarded):
    gone = issue(agency, URI)
    agency.take_back(gone, days=0, seconds=3)
    desk = connect(gone)
    until(lambda: code_of(desk), lambda code: code is grpc.StatusCode.UNAUTHENTICATED)
    until(lambda: guarded.log, lambda log: "revocations.overdue" in log)
    assert code_of(desk) is grpc.StatusCode.UNAUTHENTICATED
    file = admin.GetAccessStatus().revocation_files[0]
    assert file.expire_time.seconds < time.time() and file.problem == ""
    # It is said once, and not at each look.
    time_of_list = guarded.log.count("revocations.overdue")
    agency.take_back(gone)
    until(lambda: admin.GetAccessStatus().revocation_files[0], lambda file: file.expire_time.seconds > time.time())
    assert guarded.log.count("revocations.overdue") == time_of_list == 1


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_daemon_does_not_start_with_a_list_that_cannot_be_used(root, agency, tmp_path, command):
    crl = agency.take_back(made=86400, days=0, seconds=60)
    file = settings(tmp_path, root, agency, crl)
    options = [] if command == "validate" else ["--listen", "127.0.0.1:0"]
    done = run("plenaryd", command, "--config", file, "--data", ":memory:", *options)
    assert done.returncode == 1 and f"{crl} has expired; fetch" in done.stderr, done.stderr


def test_a_list_without_a_name_is_told(tmp_path):
    file = tmp_path / "plenaryd.yaml"
    file.write_text("tls:\n  client_authorities: ['organizations/a=a.pem crl=']\n")
    done = run("plenaryd", "validate", "--config", file, "--data", ":memory:")
    assert done.returncode == 2 and "crl=FILE" in done.stderr, done.stderr
