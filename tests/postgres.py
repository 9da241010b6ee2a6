"""A PostgreSQL server of the suite's own, on a socket in a temporary folder; the machine's own is not touched."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from db.session import open_engine

DURABLE_ENOUGH = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")


def programs() -> Path | None:
    """The folder of initdb and postgres; Debian keeps them off the path."""
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return Path(found).resolve().parent if found else places[-1].parent if places else None


@dataclass
class Server:
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)
    empty: str = "template0"
    schema: str = ""  # a database with our tables, once there is one

    def sort_otherwise(self) -> None:
        """Where the server can (from 15 on), new databases get a locale that sorts otherwise than we do."""
        import psycopg

        with suppress(psycopg.Error):
            self.run("postgres", "CREATE DATABASE english TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
            self.empty = "english"

    def url(self, database: str, user: str = "precedent", password: str = "") -> str:
        who = f"{user}:{password}" if password else user
        return f"postgresql+psycopg://{who}@/{database}?host={self.folder}"

    def create(self, options: str = "") -> str:
        """A new empty database's address."""
        name = f"test{next(self.numbers)}"
        self.run("postgres", f"CREATE DATABASE {name} {options or 'TEMPLATE ' + self.empty}")
        return self.url(name)

    def migrated(self) -> str:
        """The address of a new database that has our tables already."""
        if not self.schema:
            open_engine(self.create()).dispose()
            self.schema = f"test{next(self.numbers) - 1}"
        return self.create(f"TEMPLATE {self.schema}")

    def guard(self, user: str, password: str) -> None:
        """From now on ``user`` has to give the password; everybody else is trusted."""
        self.run("postgres", f"CREATE ROLE {user} LOGIN PASSWORD '{password}'")
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text()}")
        self.run("postgres", "SELECT pg_reload_conf()")
        while _answers(self.folder, user):
            time.sleep(0.05)

    def run(self, database: str, statement: str) -> None:
        import psycopg

        with psycopg.connect(f"host={self.folder} dbname={database} user=precedent", autocommit=True) as connection:
            connection.execute(statement.encode())


def _answers(folder: Path, user: str = "precedent") -> bool:
    import psycopg

    try:
        psycopg.connect(f"host={folder} dbname=postgres user={user}").close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def server(locale: str = "C.UTF-8") -> Iterator[Server]:
    """A running server; raises FileNotFoundError where PostgreSQL is not installed. It refuses to run as root, so root
    hands it to another user."""
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError("PostgreSQL's initdb")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a socket's path must be short
    data, process, other = folder / "data", None, list[str]()
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            other = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
        words = ["-D", str(data), "-U", "precedent", "-A", "trust", "-E", "UTF8", f"--locale={locale}", "--no-sync"]
        subprocess.run([*other, str(bin_folder / "initdb"), *words], check=True, capture_output=True)
        settings = [
            f"-c{setting}"
            for setting in (*DURABLE_ENOUGH, "listen_addresses=", "port=5432", f"unix_socket_directories={folder}")
        ]
        with (folder / "log").open("wb") as log:
            # Should the suite be killed, the server goes with it.
            mortal = ["setpriv", "--pdeathsig", "INT", *other[1:]] if shutil.which("setpriv") else other
            command = [*mortal, str(bin_folder / "postgres"), "-D", str(data), *settings]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
        while not (folder / ".s.PGSQL.5432").exists() or not _answers(folder):
            if process.poll() is not None:
                raise RuntimeError((folder / "log").read_text(errors="replace"))
            time.sleep(0.05)
        running = Server(folder)
        running.sort_otherwise()
        yield running
    finally:
        if process is not None:
            process.send_signal(2)  # "fast": ends what is open
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)
