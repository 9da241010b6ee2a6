"""Builds archives of every kind from the same mails, for the tests of sources."""

from __future__ import annotations

import gzip
import lzma
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import zstandard

QUOTED = re.compile(rb"^(>*From )", re.MULTILINE)


def mail(number: int, body: str = "x\n", newline: str = "\n") -> bytes:
    text = f"From: Ada <ada@example.org>\nSubject: s{number}\nMessage-ID: <{number}@example.org>\n\n{body}"
    return text.replace("\n", newline).encode()


MAILS = (
    mail(1),
    mail(2, "From here on\n\nFrom there\n>From quoted\n>>From twice\n"),
    mail(3, "one\n\n\n"),
    mail(4, "crlf\n\nFrom x\n", "\r\n"),
    mail(5, "\n\nFrom ben@example.org Mon Mar  4 10:00:00 2019\nno header here\n"),
    b"Subject: =?utf-8?q?=FF?=\nMessage-ID: <6@example.org>\n\n\xff\xfe\0 bytes\n",
    mail(7, "--b\n\nfrom small\n"),
    mail(1),
)


def mbox(mails: Sequence[bytes]) -> bytes:
    """mboxrd, as RFC 4155 and qmail's manual describe it."""
    line = b"From ada@example.org Mon Mar  4 10:00:00 2019\n"
    return b"".join(line + QUOTED.sub(rb">\1", mail) + b"\n" for mail in mails)


def public_inbox(repo: Path, mails: Sequence[bytes], deleted: Sequence[bytes] = ()) -> Path:
    """A v2 epoch: a commit for each mail, then one for each deletion. An existing one grows."""
    if not repo.exists():
        repo.parent.mkdir(parents=True, exist_ok=True)
        git("init", "-q", "--bare", "-b", "master", str(repo))
    stream = bytearray()
    has_head = (repo / "refs" / "heads" / "master").exists()
    for at, (path, data) in enumerate([("m", m) for m in mails] + [("d", d) for d in deleted]):
        stream += b"commit refs/heads/master\ncommitter a <a@example.org> %d +0000\ndata 1\nx\n" % (1551693600 + at)
        stream += b"from refs/heads/master^0\n" if has_head and at == 0 else b""
        stream += b"deleteall\nM 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data)
    git(f"--git-dir={repo}", "fast-import", "--quiet", "--force", feed=bytes(stream))
    return repo


def git(*words: str, feed: bytes = b"") -> bytes:
    return subprocess.run(["git", *words], input=feed, capture_output=True, check=True).stdout


def _file(name: str, pack: Callable[[bytes], bytes]) -> Callable[[Path, Sequence[bytes]], Path]:
    def build(folder: Path, mails: Sequence[bytes]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(pack(mbox(mails)))
        return folder / name

    return build


def _maildir(folder: Path, mails: Sequence[bytes]) -> Path:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for at, data in enumerate(mails):
        name = f"new/{1551693600 + at}.M1P1.host" if at % 2 else f"cur/{1551693600 + at}.M1P1.host:2,S"
        (folder / name).write_bytes(data)
    (folder / "tmp" / "1.unfinished").write_bytes(b"Subject: not yet")
    return folder


def _eml(folder: Path, mails: Sequence[bytes]) -> Path:
    for at, data in enumerate(mails):
        path = folder / f"{at // 3}" / f"{at:03}.{'EML' if at % 2 else 'eml'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def _epochs(folder: Path, mails: Sequence[bytes]) -> Path:
    half = len(mails) // 2
    public_inbox(folder / "git" / "0.git", mails[:half])
    public_inbox(folder / "git" / "1.git", mails[half:])
    return folder


def _pipermail(folder: Path, mails: Sequence[bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2019-March.txt").write_bytes(mbox(mails[:4]))
    if mails[4:]:
        (folder / "2019-April.txt.gz").write_bytes(gzip.compress(mbox(mails[4:])))
    return folder


KINDS: dict[str, Callable[[Path, Sequence[bytes]], Path]] = {
    "public-inbox": lambda folder, mails: public_inbox(folder / "0.git", mails),
    "epochs": _epochs,
    "mbox": _file("list.mbox", bytes),
    "mbox.gz": _file("list.gz", gzip.compress),
    "mbox.xz": _file("list.xz", lzma.compress),
    "mbox.zst": _file("list", zstandard.ZstdCompressor().compress),
    "maildir": _maildir,
    "eml": _eml,
    "pipermail": _pipermail,
}
