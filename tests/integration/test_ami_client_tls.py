"""The AMI client over TLS: certificates are verified, always."""

from __future__ import annotations

import datetime
import ipaddress
import random
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ctid.core.errors import ConfigError
from ctid.pbx.ami.client import AmiClient
from ctid.pbx.ami.session import AmiUp
from tests.fakes.manager import SECRET, Told, clock, managed, running, settings


def certificate(folder: Path, name: str) -> tuple[str, ssl.SSLContext]:
    """A throw-away certificate for `name` and 127.0.0.1, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem, key_pem)
    return str(pem), context


async def test_tls_with_a_trusted_certificate(tmp_path: Path) -> None:
    pem, context = certificate(tmp_path, "pbx.example")
    async with managed(context) as manager:
        manager.script = lambda m, action: m.respond(action, "Success", "Value: 1")
        told = Told()
        async with running(settings(manager.port, tls=True, tls_ca=pem), told) as client:
            await told.until(lambda: told.ups)
            assert (await client.action("Getvar")).get("Value") == "1"


@pytest.mark.parametrize("wrong", ["untrusted", "other name"])
async def test_tls_certificates_are_verified(tmp_path: Path, wrong: str) -> None:
    pem, context = certificate(tmp_path, "pbx.example")
    ca = pem if wrong == "other name" else None
    async with managed(context) as manager:
        told = Told()
        bad = settings(manager.port, tls=True, tls_ca=ca, tls_server_name="other.example")
        async with running(bad, told):
            await told.until(lambda: told.downs)
            assert "certificate verify failed" in told.downs[0].lower()
            assert not manager.actions


def test_settings_that_cannot_work(tmp_path: Path) -> None:
    async def up(_: AmiUp) -> None: ...

    for bad in (
        settings(1, tls=True, tls_ca=str(tmp_path / "missing.pem")),
        settings(1, username="a\r\nb"),
    ):
        with pytest.raises(ConfigError, match="ami"):
            AmiClient(bad, print, up, print, random.Random(1), clock)
    assert SECRET not in repr(settings(1))
