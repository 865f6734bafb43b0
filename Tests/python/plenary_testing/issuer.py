"""An issuer of signed tokens (JWT, RFC 7519) for tests: its keys, what it signs with them, and where it tells them."""

import base64
import contextlib
import http.server
import json
import ssl
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ISSUER = "https://id.example.org"
AUDIENCE = "https://registry.example.org"


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, count=None):
    return encode(value.to_bytes(count or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A key of an issuer, by the algorithm of RFC 7518 that it signs with."""

    def __init__(self, algorithm, name="k1"):
        self.algorithm, self.name = algorithm, name
        self._key = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }.get(algorithm, lambda: rsa.generate_private_key(65537, 2048))()

    @property
    def public(self):
        """The key as RFC 7517 writes it."""
        own = {"kid": self.name, "alg": self.algorithm, "use": "sig"}
        public = self._key.public_key()
        if self.algorithm.startswith("ES"):
            numbers, count = public.public_numbers(), self._count
            curve = f"P-{self.algorithm[2:]}"
            return own | {"kty": "EC", "crv": curve, "x": number(numbers.x, count), "y": number(numbers.y, count)}
        if self.algorithm == "EdDSA":
            return own | {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}
        numbers = public.public_numbers()
        return own | {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}

    @property
    def _count(self):
        return {"ES256": 32, "ES384": 48}[self.algorithm]

    def sign(self, data):
        digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(self.algorithm[2:])
        if self.algorithm == "EdDSA":
            return self._key.sign(data)
        if self.algorithm.startswith("ES"):
            pair = decode_dss_signature(self._key.sign(data, ec.ECDSA(digest)))
            return b"".join(part.to_bytes(self._count, "big") for part in pair)
        if self.algorithm.startswith("PS"):
            return self._key.sign(data, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        return self._key.sign(data, padding.PKCS1v15(), digest)

    def token(self, claims=None, header=None, sign=None, **more):
        """A signed token about a client; a claim or a header of None is left out."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "desk-7", "exp": now + 600, "iat": now} | (claims or {}) | more
        header = {"alg": self.algorithm, "kid": self.name, "typ": "JWT"} | (header or {})
        parts = [
            encode(json.dumps({name: value for name, value in part.items() if value is not None}).encode())
            for part in (header, claims)
        ]
        signed = ".".join(parts).encode()
        return f"{'.'.join(parts)}.{encode((sign or self.sign)(signed))}"


def key_set(*keys):
    """The keys as a JWK Set."""
    return json.dumps({"keys": [key.public for key in keys]}).encode()


class KeyServer:
    """A web server that tells an issuer's keys. What it answers is what a test sets `answer` to: bytes, or a function
    that is given the handler. With an authority it speaks TLS."""

    def __init__(self, answer, authority=None, port=0):
        self.answer = answer
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                if callable(outer.answer):
                    outer.answer(self)
                else:
                    respond(self, outer.answer)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        if authority:
            own = authority.server("keys")
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(own.certificate_file, own.key_file)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if authority else 'http'}://127.0.0.1:{self.port}/keys?v=1"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def respond(handler, body, status=200, **headers):
    """Answers a request, if the client still listens."""
    with contextlib.suppress(OSError):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
