"""Archives elsewhere: a server of our own plays the friendly and the hostile one. Nothing leaves this machine."""

from __future__ import annotations

import fcntl
import gzip
import io
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
from errors import ConfigError, SourceError
from ingest import git
from ingest.sources import Source
from ingest.sources.http import Access, checked, get
from ingest.sources.mirror import code_path, mirror_code, open_remote
from tests.archives import MAILS, mbox, public_inbox
from tests.small import archive, configuration, state

Reply = tuple[int, dict[str, str], bytes]
NOW = Access(pauses=())
MARCH, APRIL = mbox(MAILS[:3]), mbox(MAILS[3:6])


class Server(ThreadingHTTPServer):
    """Answers from ``pages`` (path to reply, or to a function of the request's headers); keeps what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Reply | Callable[[dict[str, str]], Reply]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.path, headers))
        page = self.server.pages.get(self.path, (404, {}, b"no such page"))
        status, more, body = page if isinstance(page, tuple) else page(headers)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | more).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def pipermail(server: Server, **months: bytes) -> str:
    """An index page as Mailman 2 writes it, and its months, each with an ETag."""
    rows = [
        f'<tr><td>{name}:</td><td><A href="{name}/thread.html">[ Thread ]</a></td>'
        f'<td><A href="{name}.txt.gz">[ Gzip\'d Text {len(data)} B ]</a></td></tr>'
        for name, data in months.items()
    ]
    server.pages["/pipermail/l/"] = (200, {"Content-Type": "text/html"}, "\n".join(rows).encode())
    for name, data in months.items():

        def month(headers: dict[str, str], data: bytes = data) -> Reply:
            tag = f'"{len(data)}"'
            return (304, {}, b"") if headers.get("if-none-match") == tag else (200, {"ETag": tag}, gzip.compress(data))

        server.pages[f"/pipermail/l/{name}.txt.gz"] = month
    return f"{server.url}/pipermail/l"


def asked_for_months(server: Server) -> list[str]:
    found = [path.rpartition("/")[2] for path, _ in server.asked if path.endswith(".gz")]
    server.asked.clear()
    return found


def test_pipermail_is_fetched_month_by_month_and_only_where_something_changed(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-January": mbox(MAILS[:1]), "2019-February": mbox(MAILS[1:2]), "2019-March": MARCH})
    source = open_remote(url, None, tmp_path, NOW)
    assert (source.kind, source.location, len(list(source.read()))) == ("pipermail", url, 5)
    assert len(asked_for_months(server)) == 3
    open_remote(url, None, tmp_path, NOW)
    assert asked_for_months(server) == ["2019-February.txt.gz", "2019-March.txt.gz"]  # the newest two, always
    cursor = list(source.read())[-1].cursor
    pipermail(server, **{"2019-January": mbox(MAILS[:1]), "2019-March": MARCH, "2019-April": APRIL})
    assert [raw.data for raw in open_remote(url, None, tmp_path, NOW).read(cursor)] == list(MAILS[3:6])


def test_a_month_that_did_not_change_is_not_sent_again(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-March": MARCH})
    open_remote(url, None, tmp_path, NOW)
    copy = next(tmp_path.rglob("2019-March.txt.gz"))
    before = copy.stat().st_ino
    assert len(list(open_remote(url, None, tmp_path, NOW).read())) == 3
    assert copy.stat().st_ino == before
    assert server.asked[-1][1]["if-none-match"] == f'"{len(MARCH)}"'


def test_a_web_page_in_place_of_a_month_is_refused_and_the_copy_stays(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-March": MARCH})
    source = open_remote(url, None, tmp_path, NOW)
    page = b"<!doctype html><title>Making sure you're not a bot!</title>"
    server.pages["/pipermail/l/2019-March.txt.gz"] = (200, {"Content-Type": "text/html"}, page)
    with pytest.raises(SourceError, match="web page"):
        open_remote(url, None, tmp_path, NOW)
    assert len(list(source.read())) == 3


def test_an_index_that_names_no_month_any_more_is_an_error(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-March": MARCH})
    open_remote(url, None, tmp_path, NOW)
    server.pages["/pipermail/l/"] = (200, {}, b"<html>Under maintenance</html>")
    with pytest.raises(SourceError, match="no month"):
        open_remote(url, None, tmp_path, NOW)


def test_names_in_an_index_never_lead_out_of_the_mirror(server: Server, tmp_path: Path) -> None:
    names = ("../../2019-March.txt", "/etc/2019-March.txt", "2019-March.txt/../../x", "%2e%2e/2019-March.txt")
    page = "".join(f'<a href="{name}">x</a>' for name in (*names, "evil.txt", "2019-April.txt"))
    server.pages["/pipermail/l/"] = (200, {}, page.encode())
    server.pages["/pipermail/l/2019-April.txt"] = (200, {}, APRIL)
    open_remote(f"{server.url}/pipermail/l", None, tmp_path / "mirrors", NOW)
    assert [path for path, _ in server.asked] == ["/pipermail/l/", "/pipermail/l/2019-April.txt"]
    assert {p.name for p in tmp_path.iterdir()} == {"mirrors"}


def test_an_archive_behind_a_challenge_page_is_refused(server: Server, tmp_path: Path) -> None:
    page = b"<!doctype html><html><title>Just a moment...</title>"
    server.pages["/l/0/info/refs?service=git-upload-pack"] = (200, {"Content-Type": "text/html"}, page)
    with pytest.raises(SourceError, match="web page"):
        open_remote(f"{server.url}/l", None, tmp_path, NOW)


def test_a_file_that_is_empty_is_refused(server: Server, tmp_path: Path) -> None:
    server.pages["/l.mbox"] = (200, {}, b"")
    with pytest.raises(SourceError, match="empty"):
        open_remote(f"{server.url}/l.mbox", None, tmp_path, NOW)


def test_what_fails_for_a_moment_is_tried_again_with_growing_pauses(server: Server, tmp_path: Path) -> None:
    replies: Iterator[Reply] = iter([(503, {}, b"busy"), (429, {}, b"slower"), (200, {}, MARCH)])
    server.pages["/l.mbox"] = lambda _headers: next(replies)
    pauses: list[float] = []
    source = open_remote(f"{server.url}/l.mbox", None, tmp_path, Access(sleep=pauses.append))
    assert len(list(source.read())) == 3
    assert pauses == sorted(set(pauses)) and len(pauses) == 2


def test_a_server_that_stays_away_is_an_error_after_several_tries(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    pauses: list[float] = []
    with pytest.raises(SourceError, match="cannot be fetched"):
        open_remote(f"http://127.0.0.1:{port}/l.mbox", None, tmp_path, Access(sleep=pauses.append))
    assert len(pauses) == 3


def test_an_answer_that_breaks_off_leaves_no_copy(server: Server, tmp_path: Path) -> None:
    server.pages["/l.mbox"] = (200, {"Content-Length": "100000"}, MARCH)
    with pytest.raises(SourceError, match="IncompleteRead"):
        open_remote(f"{server.url}/l.mbox", None, tmp_path, NOW)
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith("archive")]


def test_more_than_the_limit_is_refused(server: Server) -> None:
    server.pages["/big"] = (200, {}, b"x" * 5000)
    with pytest.raises(SourceError, match="more than 4000"):
        get(f"{server.url}/big", io.BytesIO(), Access(pauses=(), size=4000))


def test_an_answer_that_takes_too_long_is_given_up(server: Server) -> None:
    server.pages["/slow"] = (200, {}, b"x" * 500_000)
    with pytest.raises(SourceError, match="too long"):
        get(f"{server.url}/slow", io.BytesIO(), Access(pauses=(), seconds=-1))


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://10.0.0.7/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "//[",
    ],
)
def test_a_redirect_is_checked_like_the_address_itself(target: str, server: Server) -> None:
    server.pages["/l"] = (302, {"Location": target}, b"")
    sink = io.BytesIO()
    with pytest.raises(SourceError):
        get(f"{server.url}/l", sink, NOW)
    assert sink.getvalue() == b""


def test_redirects_are_followed_but_not_for_ever(server: Server) -> None:
    server.pages["/l"] = (302, {"Location": "/m"}, b"")
    server.pages["/m"] = (200, {}, b"here")
    sink = io.BytesIO()
    assert get(f"{server.url}/l", sink, NOW).url == f"{server.url}/m"
    server.pages["/m"] = (302, {"Location": "/l"}, b"")
    with pytest.raises(SourceError, match="again and again"):
        get(f"{server.url}/l", sink, NOW)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "192.168.0.1",
        "172.16.0.1",
        "169.254.1.1",
        "127.0.0.1",
        "0.0.0.0",
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
    ],
)
def test_a_name_that_leads_into_a_private_network_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, 1, 6, "", ("93.184.215.14", 443)), (socket.AF_INET, 1, 6, "", (address, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with pytest.raises(SourceError, match="no public address"):
        checked("https://lists.example.org/l", NOW)


def test_a_private_network_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", ("10.1.2.3", 443))])
    assert checked("https://lists.example.org/l", Access(private=True)).address == "10.1.2.3"


@pytest.mark.parametrize(
    "url",
    (
        "http://lists.example.org/l",
        "ftp://lists.example.org/l",
        "https://ada:x@lists.example.org/l",
        "https:///l",
        "https://lists.example.org:x/l",
        "https://lists.example.org/a b",
        "file:///etc/passwd",
    ),
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceError):
        checked(url, NOW)


def test_a_configuration_takes_no_other_kind_of_address(tmp_path: Path) -> None:
    from config import load

    file = tmp_path / "c.toml"
    file.write_text('[lists.l]\nsources = ["ext::sh -c x", "git://example.org/l"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="https://"):
        load(str(file))


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A real public-inbox server with three mails of one thread; the address of the list and the inbox's folder."""
    if not all(shutil.which(f"public-inbox-{name}") for name in ("init", "index", "httpd", "mda")):
        pytest.skip("public-inbox is not installed (Debian package public-inbox)")
    home = tmp_path_factory.mktemp("public-inbox")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = {"HOME": str(home), "PI_DIR": str(home), "PI_CONFIG": str(home / "config")}
    environment = {"PATH": os.environ["PATH"], "PI_EMERGENCY": str(home / "emergency"), **settings}

    def run(*words: str, feed: bytes = b"") -> None:
        more = {"ORIGINAL_RECIPIENT": "l@example.org"}
        subprocess.run(words, input=feed, env=environment | more, check=True, capture_output=True)

    run("git", "config", "--file", str(home / "config"), "publicinboxmda.spamcheck", "none")
    run("public-inbox-init", "-V2", "l", str(home / "l"), f"http://{place}/l", "l@example.org")
    for number in (1, 2, 3):
        run("public-inbox-mda", feed=letter(number))
    run("public-inbox-index", str(home / "l"))
    with subprocess.Popen(("public-inbox-httpd", "-l", place), env=environment, stderr=subprocess.PIPE) as httpd:
        assert httpd.stderr is not None
        assert b"bound" in httpd.stderr.readline()
        yield f"http://{place}/l", home / "l"
        httpd.terminate()
        httpd.communicate()


def letter(number: int) -> bytes:
    parent = "In-Reply-To: <1@example.org>\n" if number > 1 else ""
    return (
        f"From: Ada <ada@example.org>\nTo: l@example.org\nSubject: s{number}\nMessage-ID: <{number}@example.org>\n"
        f"{parent}Date: Mon, 4 Mar 2019 10:00:0{number} +0000\n\nbody {number}\n"
    ).encode()


def subjects(source: Source) -> list[str]:
    return [re.findall(rb"^Subject: (.*)", raw.data, re.MULTILINE)[0].decode() for raw in source.read()]


def test_a_public_inbox_is_mirrored_and_new_epochs_are_found(inbox: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = inbox
    source = open_remote(url, None, tmp_path, NOW)
    assert (source.kind, source.location, subjects(source)) == ("public-inbox", url, ["s1", "s2", "s3"])
    cursor = list(source.read())[-1].cursor
    public_inbox(folder / "git" / "1.git", [letter(4)])
    later = open_remote(url, None, tmp_path, NOW)
    assert [raw.data for raw in later.read(cursor)] == [letter(4)]
    public_inbox(folder / "git" / "1.git", [letter(5)])
    assert subjects(open_remote(url, None, tmp_path, NOW)) == ["s1", "s2", "s3", "s4", "s5"]


def test_a_thread_and_a_message_are_fetched_alone(inbox: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = inbox
    assert sorted(subjects(open_remote(f"{url}/2@example.org/t.mbox.gz", None, tmp_path, NOW))) == ["s1", "s2", "s3"]
    assert subjects(open_remote(f"{url}/2@example.org/raw", None, tmp_path, NOW)) == ["s2"]


def test_a_list_that_the_server_does_not_have_is_told(inbox: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = inbox
    with pytest.raises(SourceError, match="answers 404"):
        open_remote(f"{url}-other", None, tmp_path, NOW)


def test_a_clone_that_was_cut_off_is_begun_anew(inbox: tuple[str, Path], tmp_path: Path) -> None:
    url, _ = inbox
    open_remote(url, None, tmp_path, NOW)
    (repo,) = (path for path in tmp_path.rglob("0.git"))
    shutil.rmtree(repo / "objects")
    repo.rename(repo.with_suffix(".part"))
    assert subjects(open_remote(url, None, tmp_path, NOW))[:3] == ["s1", "s2", "s3"]


def test_a_fetch_writes_no_more_than_it_may(inbox: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        open_remote(inbox[0], None, tmp_path, replace(NOW, size=512))
    assert not list(tmp_path.rglob("0.git"))


def test_two_runs_do_not_fetch_into_one_mirror(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-March": MARCH})
    open_remote(url, None, tmp_path, NOW)
    with next(tmp_path.rglob("lock")).open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(SourceError, match="another run"):
            open_remote(url, None, tmp_path, NOW)


def test_sync_reads_what_a_configured_address_leads_to_and_goes_on_without_it(server: Server, tmp_path: Path) -> None:
    url = pipermail(server, **{"2019-March": mbox([letter(number) for number in range(1, 9)])})
    config = configuration(tmp_path, url, archive(tmp_path / "small.mbox", range(20)))
    words = ["sync", "--config", str(config), "--db", str(tmp_path / "p.db"), "--workers", "1"]
    first = CliRunner().invoke(cli.main, words)
    assert (first.exit_code, f"{url}: 8 mails: 8 stored" in first.stdout) == (0, True), first.output
    assert (tmp_path / "mirrors").is_dir()
    before = state(tmp_path / "p.db")
    server.pages["/pipermail/l/"] = (403, {}, b"no more")
    archive(tmp_path / "small.mbox", range(30))
    second = CliRunner().invoke(cli.main, words)
    assert (second.exit_code, "answers 403" in second.stderr) == (1, True), second.output
    assert "30 mails" in second.stdout or "10 mails" in second.stdout
    assert state(tmp_path / "p.db")[1] == before[1] + 10


def test_code_is_mirrored_and_what_is_new_is_fetched(inbox: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = f"{inbox[0]}/0", code_path("https://code.example.org/a/xen.git", tmp_path)
    assert (folder.name, folder.parent.parent) == ("xen.git", tmp_path)
    mirror_code(url, folder, NOW)
    before = git.run(folder, "rev-list", ("--all", "--count"))
    public_inbox(inbox[1] / "git" / "0.git", [letter(9)])
    mirror_code(url, folder, NOW)
    assert int(git.run(folder, "rev-list", ("--all", "--count"))) == int(before) + 1


def test_code_at_a_private_address_is_not_fetched(tmp_path: Path) -> None:
    for url in ("https://10.0.0.1/xen.git", "http://example.org/xen.git", "ext::sh -c true"):
        with pytest.raises(SourceError):
            mirror_code(url, tmp_path / "x" / "xen.git", NOW)
    assert not (tmp_path / "x" / "xen.git").exists()


def test_code_that_cannot_be_fetched_fails_alone(server: Server, tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox", range(5)))
    more = f'fetch = true\ncode = ["{server.url}/xen.git"]\n'
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    words = ["sync", "--config", str(config), "--db", str(tmp_path / "p.db"), "--workers", "1"]
    done = CliRunner().invoke(cli.main, words)
    assert (done.exit_code, "5 stored" in done.stdout, "git clone failed" in done.stderr) == (1, True, True), (
        done.output
    )
