"""The sample archive is well-formed mail of invented people, and holds what its README and expected.json say."""

from __future__ import annotations

import email
import email.utils
import json
import mailbox
import re
import subprocess
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ingest.commits import history
from ingest.history.links import PatchRef, link
from ingest.message import Message, Reject, parse
from ingest.sources.recognise import open_source
from ingest.subject import parse_subject
from ingest.threads import Ref, forest

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
INVENTED = re.compile(r"(?:[\w-]+\.)*example\.(?:org|com|net)$")
# A host or an address anywhere in a file; names of source files (sr_restore.c, kvm.h) have other endings.
HOST = re.compile(r"(?:@|https?://)([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
PROPERTY = ("Message-ID", "Date", "Subject", "From", "To", "List-Id")


@cache
def expected() -> Any:
    return json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))


@cache
def mails() -> tuple[tuple[str, Mail], ...]:
    box = mailbox.mbox(SAMPLE / "sample-xen.mbox", create=False)
    found = [("sample-xen", email.message_from_bytes(box.get_bytes(key))) for key in box.keys()]  # noqa: SIM118 -- a Mailbox iterates over mails
    box.close()
    files = sorted((SAMPLE / "sample-kvm").glob("*.eml"))
    return (*found, *(("sample-kvm", email.message_from_bytes(file.read_bytes())) for file in files))


def mid(mail: Mail) -> str:
    return str(mail["Message-ID"]).strip().strip("<>")


def readable() -> list[tuple[str, Mail]]:
    return [(name, mail) for name, mail in mails() if mid(mail) != expected()["reject_message_id"]]


def references(mail: Mail) -> list[str]:
    return re.findall(r"<([^<>\s]+)>", f"{mail.get('References', '')} {mail.get('In-Reply-To', '')}")


def when(mail: Mail) -> datetime:
    value = mail["Date"] or str(mail["Received"]).rsplit(";", 1)[1]
    return email.utils.parsedate_to_datetime(value.strip()).astimezone(UTC)


def text_of(mail: Mail) -> str:
    leaf = next(part for part in mail.walk() if not part.is_multipart())
    payload = leaf.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode(leaf.get_content_charset("us-ascii")).replace("\r\n", "\n")


@cache
def bodies() -> dict[str, str]:
    return {mid(mail): text_of(mail) for _, mail in readable()}


@cache
def parsed() -> tuple[Message | Reject, ...]:
    sources = (open_source(SAMPLE / "sample-xen.mbox"), open_source(SAMPLE / "sample-kvm"))
    return tuple(parse(raw) for source in sources for raw in source.read(None))


def messages() -> dict[str, Message]:
    return {message.mid: message for message in parsed() if isinstance(message, Message)}


def test_the_counts_are_those_of_the_table() -> None:
    for name, count in expected()["lists"].items():
        assert sum(here == name for here, _ in readable()) == count
        assert sum(here == name for here, _ in mails()) - count == expected()["rejects"][name]
    assert len(bodies()) == expected()["messages"] >= 80
    assert len(expected()["threads"]) >= 12
    assert sum(thread["messages"] for thread in expected()["threads"]) == expected()["messages"]


def test_every_mail_has_the_headers_that_a_mail_needs() -> None:
    undated = {mid(mail) for _, mail in readable() if mail["Date"] is None}
    assert undated == set(expected()["without_date"])
    for name, mail in readable():
        assert all(mail[header] for header in PROPERTY if not (header == "Date" and mid(mail) in undated)), mid(mail)
        assert f"<{name}." in mail["List-Id"]


def test_every_body_decodes_with_the_charset_that_it_declares() -> None:
    assert all(body.strip() for body in bodies().values())
    charsets = {part.get_content_charset() for _, mail in readable() for part in mail.walk()}
    assert {"us-ascii", "utf-8", "iso-8859-1", "windows-1252", "iso-2022-jp"} <= charsets
    encodings = {str(part["Content-Transfer-Encoding"]) for _, mail in readable() for part in mail.walk()}
    assert {"7bit", "8bit", "quoted-printable", "base64"} <= encodings


def test_every_address_is_of_a_reserved_domain() -> None:
    texts = [*bodies().values(), (SAMPLE / "expected.json").read_text(encoding="utf-8")]
    texts += [str(value) for _, mail in mails() for value in mail.values()]
    texts += [path.read_text(encoding="utf-8", errors="replace") for path in SAMPLE.rglob("*") if path.is_file()]
    hosts = {host for text in texts for host in HOST.findall(text)}
    assert [host for host in sorted(hosts) if not INVENTED.fullmatch(host)] == []


def test_references_lead_to_mails_of_the_archive_or_to_declared_ghosts() -> None:
    known = set(bodies())
    missing = {one for _, mail in readable() for one in references(mail)} - known
    assert missing == set(expected()["ghosts"])


def test_an_answer_is_younger_than_what_it_answers() -> None:
    dates = {mid(mail): when(mail) for _, mail in readable()}
    assert all(datetime(2019, 1, 1, tzinfo=UTC) < date < datetime(2026, 1, 1, tzinfo=UTC) for date in dates.values())
    for _, mail in readable():
        for one in references(mail):
            assert one not in dates or dates[one] < dates[mid(mail)] or dates[mid(mail)] == dates[one], mid(mail)


def test_threads_are_those_of_the_table() -> None:
    up = {mid(mail): next(iter(references(mail)), "") for _, mail in readable()}

    def root(one: str) -> str:
        while up.get(one):
            one = up[one]
        return one

    counted: dict[str, int] = {}
    for one in up:
        counted[root(one)] = counted.get(root(one), 0) + 1
    assert counted == {thread["root"]: thread["messages"] for thread in expected()["threads"]}


def test_a_cross_posted_mail_has_one_message_id_and_a_footer_on_one_list() -> None:
    lists: dict[str, dict[str, str]] = {}
    for name, mail in readable():
        lists.setdefault(mid(mail), {})[name] = text_of(mail)
    twice = {one: texts for one, texts in lists.items() if len(texts) == 2}
    assert sorted(twice) == expected()["cross_posted"]
    footer = "https://lists.example.net/mailman/listinfo/sample-kvm"
    assert any(footer in texts["sample-kvm"] and footer not in texts["sample-xen"] for texts in twice.values())


def test_the_mbox_quotes_its_from_lines_as_mboxrd() -> None:
    raw = (SAMPLE / "sample-xen.mbox").read_bytes()
    assert re.search(rb"(?m)^>From ", raw)
    starts = re.findall(rb"(?m)^From (\S+) \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$", raw)
    assert len(starts) == len(re.findall(rb"(?m)^From ", raw)) == expected()["lists"]["sample-xen"]


def test_the_statements_of_the_table_stand_in_their_mails() -> None:
    flat = {one: " ".join(body.split()) for one, body in bodies().items()}
    for statement in expected()["statements"]:
        assert " ".join(statement["text"].split()) in flat[statement["message_id"]]
    assert {statement["status"] for statement in expected()["statements"]} == {"agreed", "contested", "proposed", None}


def test_late_objections_come_after_the_commit() -> None:
    dates = {mid(mail): when(mail) for _, mail in readable()}
    assert len(expected()["late_objections"]) == 2
    for one in expected()["late_objections"]:
        earlier = [body for other, body in bodies().items() if dates[other] < dates[one] and "commit" in body.lower()]
        assert earlier


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "sample.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    stream = (SAMPLE / "commits.fi").read_bytes()
    subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], input=stream, check=True)
    return path


def git(repository: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True)
    return done.stdout.decode()


def test_the_history_imports_to_the_hashes_that_the_mails_name(repository: Path) -> None:
    for commit in expected()["commits"]:
        found = git(repository, "log", "-1", "--format=%H%n%s", commit["commit"]).splitlines()
        assert found == [commit["commit"], commit["title"]]
    log = git(repository, "log", "--all", "--format=%H").split()
    assert sorted(log) == sorted(commit["commit"] for commit in expected()["commits"])
    named = {word for body in bodies().values() for word in re.findall(r"\b[0-9a-f]{40}\b", body)}
    assert named <= set(log)


def test_a_commit_has_the_author_and_the_date_of_its_mail(repository: Path) -> None:
    by_mid = {mid(mail): mail for _, mail in readable()}
    for commit in expected()["commits"]:
        if commit["message_id"] is None:
            continue
        address, date = git(repository, "log", "-1", "--format=%ae%n%at", commit["commit"]).split()
        mail = by_mid[commit["message_id"]]
        assert address == email.utils.parseaddr(mail["From"])[1]
        assert abs(datetime.fromtimestamp(int(date), UTC) - when(mail)) < timedelta(minutes=1)


def test_reverts_name_the_commit_that_they_revert(repository: Path) -> None:
    for revert in expected()["reverts"]:
        message = git(repository, "log", "-1", "--format=%B", revert["commit"])
        assert f"This reverts commit {revert['reverts'][:12]}" in message


def test_our_reader_takes_every_mail_but_the_unreadable_one() -> None:
    (reject,) = (found for found in parsed() if isinstance(found, Reject))
    assert expected()["reject_message_id"] in reject.message_id
    assert "deep" in reject.reason
    assert set(messages()) == set(bodies())
    assert [message.mid for message in messages().values() if message.date is None or message.defects] == []
    assert {message.mid for message in messages().values() if message.date_from != "date"} == set(
        expected()["without_date"]
    )


def test_our_threads_are_those_of_the_table() -> None:
    nodes = forest(Ref(m.mid, m.in_reply_to, m.references, m.date) for m in messages().values())
    counted: dict[str, int] = {}
    for mid_, node in nodes.items():
        if mid_ in messages():
            counted[node.thread] = counted.get(node.thread, 0) + 1
    assert counted == {thread["root"]: thread["messages"] for thread in expected()["threads"]}
    assert {mid_ for mid_, node in nodes.items() if node.ghost} == set(expected()["ghosts"])


def test_our_links_give_every_commit_its_mail(repository: Path) -> None:
    patches = []
    for message in messages().values():
        subject = parse_subject(message.subject)
        if subject.is_patch and not subject.is_reply:
            who = (message.author.name, message.author.address)
            patches.append(
                PatchRef(message.mid, subject.title, subject.version, *who, message.date, number=subject.number)
            )
    became = {found.oid: found.mid for found in link(patches, history(repository)) if found.kind == "became"}
    assert became == {c["commit"]: c["message_id"] for c in expected()["commits"] if c["message_id"]}
