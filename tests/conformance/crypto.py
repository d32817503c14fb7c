"""Keys and compact tokens of the platform side, written from RFC 7515, 7517 and 7518 alone.

It signs anything: broken headers, other algorithms, payloads that are no objects. Nothing here is shared with the tool.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "256": hashes.SHA256(),
    "384": hashes.SHA384(),
    "512": hashes.SHA512(),
}


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key per name and run: making RSA keys is the slowest thing a fake platform does."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True)
class Key:
    """A platform's signing key: ``name`` chooses the key material, ``kid`` is what tokens call it."""

    name: str
    kid: str
    bits: int = 2048

    @property
    def private(self) -> rsa.RSAPrivateKey:
        return rsa_key(self.name, self.bits)

    def jwk(self, **changes: Any) -> dict[str, Any]:
        """The public key as a key-set entry; a change to None removes the member."""
        numbers = self.private.public_key().public_numbers()
        entry: dict[str, Any] = {
            "kty": "RSA",
            "alg": "RS256",
            "use": "sig",
            "kid": self.kid,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
        return {k: v for k, v in (entry | changes).items() if v is not None}

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def ec_jwk(name: str, kid: str) -> dict[str, Any]:
    numbers = ec_key(name).public_key().public_numbers()
    coordinates = {axis: b64(getattr(numbers, axis).to_bytes(32, "big")) for axis in "xy"}
    return {"kty": "EC", "crv": "P-256", "kid": kid, "use": "sig", **coordinates}


def signature(signing_input: bytes, alg: str, key: Key, secret: bytes = b"") -> bytes:
    """The signature of ``alg`` (RS, PS, ES, HS with 256/384/512, or none)."""
    family, digest = alg[:2].upper(), _HASHES.get(alg[2:], hashes.SHA256())
    if family == "HS":
        return hmac.new(secret, signing_input, getattr(hashlib, digest.name)).digest()
    if family == "PS":
        return key.private.sign(signing_input, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    if family == "ES":
        der = ec_key(key.name).sign(signing_input, ec.ECDSA(digest))
        return b"".join(part.to_bytes(32, "big") for part in decode_dss_signature(der))
    if family == "RS":
        return key.private.sign(signing_input, padding.PKCS1v15(), digest)
    return b""


def sign(
    payload: Any,
    key: Key,
    *,
    header: Mapping[str, Any] | None = None,
    sign_as: str = "RS256",
    secret: bytes = b"",
) -> str:
    """A compact token. ``header`` changes the usual header (None removes a member); ``payload`` may be raw bytes.

    ``sign_as`` is the algorithm really used, whatever the header claims.
    """
    head: dict[str, Any] = {"typ": "JWT", "alg": sign_as, "kid": key.kid} | dict(header or {})
    head = {k: v for k, v in head.items() if v is not None}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    signing_input = f"{b64(json.dumps(head).encode())}.{b64(body)}".encode()
    return f"{signing_input.decode()}.{b64(signature(signing_input, sign_as, key, secret))}"


def read_assertion(token: str, jwks: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a client assertion, its RS256 signature checked against the tool's key set.

    Raises ValueError with the reason for anything a strict authorization server would refuse.
    """
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("assertion is not a compact JWS")
    header, claims = (json.loads(unb64(part)) for part in parts[:2])
    if header.get("alg") != "RS256":
        raise ValueError(f"alg {header.get('alg')!r}")
    entries = [entry for entry in jwks["keys"] if entry.get("kid") == header.get("kid")]
    if not header.get("kid") or len(entries) != 1:
        raise ValueError(f"kid {header.get('kid')!r} is not in the tool's key set exactly once")
    n, e = (int.from_bytes(unb64(entries[0][name]), "big") for name in "ne")
    try:
        rsa.RSAPublicNumbers(e, n).public_key().verify(
            unb64(parts[2]), ".".join(parts[:2]).encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except InvalidSignature:
        raise ValueError("signature does not verify") from None
    return header, claims


def self_signed(days: range, directory: Path) -> ssl.SSLContext:
    """A TLS server context whose certificate nobody vouches for, valid from ``days.start`` to ``days.stop`` days."""
    today = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    key = rsa_key("tls")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today + timedelta(days=days.start))
        .not_valid_after(today + timedelta(days=days.stop))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    file = directory / "platform.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
