"""RFC 6962 and signed notes once more, written from the specifications and not from our code."""

import base64
import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def leaf(entry):
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves):
    """The root by the definition."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node(root(leaves[:split]), root(leaves[split:]))


def root_from(hashes, entry, index, size):
    """The root to which a proof leads from an entry (RFC 9162, 2.1.3.2)."""
    place, last, found = index, size - 1, leaf(entry)
    for sibling in hashes:
        assert last > 0
        if place % 2 == 1 or place == last:
            found = node(sibling, found)
            while place % 2 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, sibling)
        place, last = place >> 1, last >> 1
    assert last == 0
    return found


def verified(note, key):
    """The lines of a signed note, once the signature of a key is found under it."""
    name, number, coded = key.split("+", 2)
    text, signatures = note.split("\n\n", 1)
    text += "\n"
    raw = base64.b64decode(coded)
    assert raw[0] == 1 and hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() == number
    found = [line.split(" ") for line in signatures.splitlines()]
    [signature] = [base64.b64decode(line[2]) for line in found if line[:2] == ["\u2014", name]]
    assert signature[:4].hex() == number
    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], text.encode())
    return text.splitlines()


def cosigned(note, key):
    """The time at which a witness has signed a note (C2SP tlog-cosignature)."""
    name, number, coded = key.split("+", 2)
    text, signatures = note.split("\n\n", 1)
    [signature] = [
        base64.b64decode(line.split(" ")[2]) for line in signatures.splitlines() if line.split(" ")[1] == name]
    [time] = struct.unpack(">Q", signature[4:12])
    message = f"cosignature/v1\ntime {time}\n{text}\n"
    Ed25519PublicKey.from_public_bytes(base64.b64decode(coded)[1:]).verify(signature[12:], message.encode())
    return time
