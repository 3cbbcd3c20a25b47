"""Certificates as they should be, and as they should not; and handshakes that do not end."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

Reader = asyncio.StreamReader
Writer = asyncio.StreamWriter


class Authority:
    """An authority of our own; ``file`` is what a check trusts."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.file = str(folder / "authority.pem")
        self._ca.cert_pem.write_to_path(self.file)
        self._folder = folder

    def server(
        self, *names: str, not_after: datetime | None = None, not_before: datetime | None = None
    ) -> ssl.SSLContext:
        """Return a server's context with a certificate for some names, ``localhost`` and loopback else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = self._ca.issue_cert(
            *(names or ("localhost", "127.0.0.1", "::1")), not_after=not_after, not_before=not_before
        )
        issued.configure_cert(context)
        return context

    def chained(self, *names: str, ca_not_after: datetime | None = None) -> ssl.SSLContext:
        """Return a context whose certificate is issued by an authority below ours, which may end."""
        below = self._ca.create_child_ca()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued = below.issue_cert(*names)
        chain = [issued.cert_chain_pems[0].bytes(), self._ending(below, ca_not_after)]
        path = self._folder / f"chain-{id(context)}.pem"
        path.write_bytes(issued.private_key_pem.bytes() + b"".join(chain))
        context.load_cert_chain(path)
        return context

    def _ending(self, below: trustme.CA, not_after: datetime | None) -> bytes:
        """Return the certificate of an authority below ours, with another end where one is given."""
        old = x509.load_pem_x509_certificate(below.cert_pem.bytes())
        if not_after is None:
            return below.cert_pem.bytes()
        key = load_pem_private_key(self._ca.private_key_pem.bytes(), None)
        assert isinstance(key, EllipticCurvePrivateKey)
        builder = x509.CertificateBuilder().subject_name(old.subject).issuer_name(old.issuer)
        builder = builder.public_key(old.public_key()).serial_number(old.serial_number)
        begin = min(old.not_valid_before_utc, not_after - timedelta(days=30))
        builder = builder.not_valid_before(begin).not_valid_after(not_after)
        for each in old.extensions:
            builder = builder.add_extension(each.value, each.critical)
        return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)

    def expired(self) -> ssl.SSLContext:
        """Return a context whose certificate ended yesterday."""
        now = datetime.now(UTC)
        return self.server(not_before=now - timedelta(days=30), not_after=now - timedelta(days=1))

    def early(self) -> ssl.SSLContext:
        """Return a context whose certificate begins tomorrow."""
        now = datetime.now(UTC)
        return self.server(not_before=now + timedelta(days=1), not_after=now + timedelta(days=30))

    def demanding(self) -> ssl.SSLContext:
        """Return a context that wants a client's certificate of this authority."""
        context = self.server()
        context.verify_mode = ssl.CERT_REQUIRED
        self._ca.configure_trust(context)
        return context

    def files(self, *names: str) -> tuple[str, str]:
        """Return the files of a server's certificate and key, for servers that are programs of their own."""
        issued = self._ca.issue_cert(*(names or ("localhost", "127.0.0.1", "::1")))
        certificate, key = self._folder / "server.pem", self._folder / "server.key"
        certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(str(key))
        return str(certificate), str(key)

    def client(self, name: str = "client") -> str:
        """Return the file of a client's certificate and key."""
        path = self._folder / f"{name}.pem"
        self._ca.issue_cert("client@example.test").private_key_and_cert_chain_pem.write_to_path(str(path))
        return str(path)


async def half_handshake(reader: Reader, writer: Writer) -> None:
    """Begin a ServerHello and never end it."""
    await reader.read(65_536)
    writer.write(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b"\x07" * 20)
    await writer.drain()
    await asyncio.Event().wait()


async def broken_handshake(reader: Reader, writer: Writer) -> None:
    """Answer a ClientHello with what is no TLS record."""
    await reader.read(65_536)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()
