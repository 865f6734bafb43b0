"""Certificates for the tests of TLS, good ones and bad ones."""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
LOCAL = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


@dataclass
class Issued:
    """A certificate and its key, as PEM and as files."""

    certificate: bytes
    key: bytes
    certificate_file: Path
    key_file: Path

    @property
    def x509(self):
        return x509.load_pem_x509_certificate(self.certificate)


class Authority:
    """An authority whose files are in a folder."""

    def __init__(self, folder, name="authority"):
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._name, self._key, days=30)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        own = self._write(f"ca-{name}", builder.sign(self._key, hashes.SHA256()), self._key)
        self.own = own
        self.certificate = own.certificate
        self.certificate_file = own.certificate_file

    def issue(self, name, names=None, purpose=None, days=30, subject=None, seconds=0):
        """Signs a certificate for a new key, for so many days and seconds. Below zero they make one that has expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = subject or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, self._name, key, days, seconds)
        if names is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if purpose is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        return self._write(name, builder.sign(self._key, hashes.SHA256()), key)

    def server(self, name="server"):
        """A certificate for a server on this machine."""
        return self.issue(name, names=LOCAL, purpose=SERVER)

    def take_back(self, *issued, name="revoked", days=7, seconds=0, made=0):
        """Writes a list of the certificates that it takes back, as a whole, and returns the file. It was made so many
        seconds ago."""
        now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=made)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name).last_update(now)
        builder = builder.next_update(now + datetime.timedelta(days=days, seconds=seconds))
        builder = builder.add_extension(x509.CRLNumber(1), critical=False)
        for one in issued:
            revoked = x509.RevokedCertificateBuilder().serial_number(one.x509.serial_number).revocation_date(now)
            revoked = revoked.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
            builder = builder.add_revoked_certificate(revoked.build())
        file = self._folder / f"{name}.crl"
        other = self._folder / f"{name}.new"
        other.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        os.replace(other, file)
        return file

    @staticmethod
    def _builder(subject, issuer, key, days, seconds=0):
        now = datetime.datetime.now(datetime.timezone.utc)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days, seconds=seconds))
        )

    def _write(self, name, certificate, key):
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        issued = Issued(pem, secret, self._folder / f"{name}.pem", self._folder / f"{name}.key")
        issued.certificate_file.write_bytes(pem)
        # Not readable by others at any time, also when a file is written anew.
        issued.key_file.touch(mode=0o600)
        issued.key_file.write_bytes(secret)
        return issued
