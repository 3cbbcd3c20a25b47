"""A MariaDB server of our own, with a database and users."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.program import program
from tests.servers.run import Place
from tests.servers.tls import Authority
from tests.system import need

_CONTENT = """
CREATE DATABASE shop;
USE shop;
CREATE TABLE jobs (id INT, done DATETIME, price DECIMAL(8,2), note TEXT);
INSERT INTO jobs VALUES (1, NULL, 12.50, 'first'), (2, NULL, 0.99, NULL), (3, NOW(), 3, 'third');
CREATE USER monitor@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('open sesame');
GRANT SELECT, INSERT ON shop.* TO monitor@'%';
CREATE USER nobody@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('');
INSTALL SONAME 'auth_ed25519';
CREATE USER modern@'%' IDENTIFIED VIA ed25519 USING PASSWORD('open sesame');
"""


@contextmanager
def mariadb(folder: Path, authority: Authority) -> Iterator[Place]:
    """Run a MariaDB server with its own data, which speaks TLS too."""
    server = need("mariadb-server", "mariadbd")
    install = need("mariadb-server", "mariadb-install-db")
    data, content = folder / "data", folder / "content.sql"
    content.write_text(_CONTENT, "utf-8")
    owner = ["--user=root"] if os.geteuid() == 0 else []
    _install(str(install), data, owner)
    certificate, key = authority.files()

    def command(port: int) -> list[str]:
        return [
            str(server), "--no-defaults", *owner, f"--datadir={data}", f"--socket={folder}/socket",
            "--bind-address=127.0.0.1", f"--port={port}", f"--init-file={content}", "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0",
            "--innodb-buffer-pool-size=16M", f"--pid-file={folder}/pid",
            f"--ssl-cert={certificate}", f"--ssl-key={key}",
        ]  # fmt: skip

    with program(command, folder) as place:
        yield place


def _install(program: str, data: Path, owner: list[str]) -> None:
    """Make the system tables; the script starts a server for it, and on a busy machine not always well."""
    for _ in range(3):
        shutil.rmtree(data, ignore_errors=True)
        done = subprocess.run(
            [program, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
             "--skip-test-db", "--skip-name-resolve", "--innodb-use-native-aio=0", *owner],
            capture_output=True, text=True, check=False, cwd=data.parent, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode == 0:
            return
    raise RuntimeError(f"mariadb-install-db failed: {(done.stdout + done.stderr)[:3_000]}")
