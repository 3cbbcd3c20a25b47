"""A small HTTPS server on loopback with a certificate of its own authority."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from bench import machine

_SERVER = """
import asyncio, ssl, sys
async def answer(reader, writer):
    try:
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2])
    server = await asyncio.start_server(answer, "127.0.0.1", int(sys.argv[1]), ssl=context, backlog=4096)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def secure_target() -> Iterator[tuple[int, Path]]:
    """Serve HTTPS and give the port and the file of the authority."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    with tempfile.TemporaryDirectory() as folder:
        chain, root = Path(folder, "chain.pem"), Path(folder, "root.pem")
        chain.write_bytes(certificate.private_key_and_cert_chain_pem.bytes())
        authority.cert_pem.write_to_path(str(root))
        port = machine.free_port()
        process = subprocess.Popen([sys.executable, "-c", _SERVER, str(port), str(chain)])
        try:
            machine.until(lambda: machine.is_open(port), f"port {port} to open", 5)
            yield port, root
        finally:
            process.terminate()
            process.wait()
