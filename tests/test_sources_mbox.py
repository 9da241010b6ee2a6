"""mbox files as people have them: odd From_ lines, quoting, compression, bombs."""

from __future__ import annotations

import gzip
import io
import lzma
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import SourceError
from ingest.sources import Raw, streams
from ingest.sources.mbox import pieces
from ingest.sources.recognise import open_source
from tests.archives import MAILS, mail, mbox

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": lambda data: zstandard.ZstdCompressor().compress(data),
}


def refused(path: Path, kind: str | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        list(open_source(path, kind).read())
    assert caught.value.advice
    assert "\n" not in caught.value.what + caught.value.advice
    return caught.value.what


def read_mbox(data: bytes, tmp_path: Path, kind: str | None = None) -> list[Raw]:
    (tmp_path / "x.mbox").write_bytes(data)
    return list(open_source(tmp_path / "x.mbox", kind).read())


def test_unescaped_from_in_bodies_does_not_divide(tmp_path: Path) -> None:
    body = b"one\n\nFrom the start this was wrong.\n\nFrom ben Mon Mar  4 2019\nSubject: no\n\nFrom x\nTo: y\n"
    data = b"From a@example.org Mon Mar  4 10:00:00 2019\nSubject: s\n\n" + body
    assert [raw.data for raw in read_mbox(data, tmp_path)] == [b"Subject: s\n\n" + body]


def test_a_patch_in_a_body_does_not_divide(tmp_path: Path) -> None:
    patch = b"From " + b"a" * 40 + b" Mon Sep 17 00:00:00 2001\nFrom: Ada <ada@example.org>\nSubject: [PATCH] x\n\nx\n"
    data = b"From a@example.org Mon Mar  4 10:00:00 2019\nSubject: s\n\nsee:\n\n" + patch
    assert len(read_mbox(data, tmp_path)) == 1
    assert len(read_mbox(patch + b"\n" + patch, tmp_path)) == 2


def test_mails_without_from_line_between_them_are_kept(tmp_path: Path) -> None:
    data = mail(1) + b"\n" + mail(2)
    assert [raw.data for raw in read_mbox(data, tmp_path)] == [data]


def test_text_before_the_first_from_line_is_kept(tmp_path: Path) -> None:
    data = mail(1) + b"\n" + mbox([mail(2)])
    assert [raw.data for raw in read_mbox(data, tmp_path)] == [mail(1), mail(2)]


def test_mboxo_is_unquoted_once_and_only_where_it_was_quoted(tmp_path: Path) -> None:
    data = b"From a@example.org Mon Mar  4 10:00:00 2019\nSubject: s\n\n>From me\n>>From you\n"
    assert read_mbox(data, tmp_path)[0].data.endswith(b"\n>From you\n")
    assert read_mbox(data, tmp_path, "mboxo")[0].data.endswith(b"\n>>From you\n")


@pytest.mark.parametrize(
    "tail",
    [
        "Mon Mar  4 10:00:00 2019",
        "Mon Mar 4 10:00 2019",
        "Mon Mar  4 10:00:00 +0100 2019",
        "Mon Mar  4 10:00:00 2019 +0100",
        "Mon Mar  4 10:00:00 CET 2019",
        "Mon, 4 Mar 2019 10:00:00 +0000",
    ],
)
def test_from_lines_of_many_programs_divide(tail: str, tmp_path: Path) -> None:
    data = f"From a@example.org {tail}\nSubject: s\n\nx\n\n".encode() * 3
    assert len(read_mbox(data, tmp_path)) == 3


MAIL = st.lists(
    st.sampled_from(
        [b"From ", b">From ", b"From a Mon Mar  4 10:00:00 2019\n", b"\n", b"x\n", b"y: z\n", b"\r\n", b">"]
    ),
    max_size=12,
).map(lambda lines: b"Subject: s\n\n" + b"".join(lines) + b"\n")


@settings(max_examples=200, deadline=None)
@given(st.lists(MAIL, min_size=1, max_size=5))
def test_any_mails_survive_the_round_trip_through_mboxrd(mails: list[bytes]) -> None:
    found = [piece.raw.partition(b"\n")[2][:-1] for piece in pieces(io.BytesIO(mbox(mails)))]
    assert found == [mbox([m]).partition(b"\n")[2][:-1] for m in mails]


@settings(max_examples=100, deadline=None)
@given(st.lists(MAIL, min_size=1, max_size=5), st.integers(1, 50))
def test_where_a_read_ends_makes_no_difference(mails: list[bytes], chunk: int) -> None:
    data = mbox(mails)
    whole = list(pieces(io.BytesIO(data)))
    with mock.patch.multiple("ingest.sources.mbox", _CHUNK=chunk, _LOOK_AHEAD=64):
        assert list(pieces(io.BytesIO(data))) == whole


def test_an_endless_mail_keeps_its_beginning_and_the_next_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.mbox.MAX_MAIL", 1 << 20)
    raws = read_mbox(mbox([mail(1, "x\n" * 5_000_000), mail(2)]), tmp_path)
    assert [len(raw.data) > 1000 for raw in raws] == [True, False]
    assert len(raws[0].data) <= 1 << 20
    assert raws[1].data == mail(2)


@pytest.mark.parametrize("name", ["gz", "xz", "zst"])
def test_a_compression_bomb_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_RATIO_COUNTS_FROM", 1 << 20)
    data = mbox([mail(1, "a" * 70 + "\n" + "\n" * 20_000_000)])
    pack = PACK[name]
    (tmp_path / "bomb").write_bytes(pack(data))
    assert "far more" in refused(tmp_path / "bomb")


def test_an_absolute_size_is_kept_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_BYTES", 10_000)
    (tmp_path / "x.mbox").write_bytes(mbox(MAILS) * 100)
    assert "far more" in refused(tmp_path / "x.mbox")


def test_memory_for_xz_is_bounded(tmp_path: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    (tmp_path / "x.xz").write_bytes(lzma.compress(mbox(MAILS), filters=filters))
    assert "damaged" in refused(tmp_path / "x.xz")


@pytest.mark.parametrize("name", ["gz", "xz", "zst"])
def test_a_broken_off_file_is_told(name: str, tmp_path: Path) -> None:
    data = os.urandom(200_000)
    pack = PACK[name]
    whole = pack(mbox([mail(1, data.hex()), mail(2)]))
    (tmp_path / "x").write_bytes(whole[: len(whole) // 2])
    if name == "zst":
        assert len(list(open_source(tmp_path / "x").read())) <= 1  # a frame that is cut gives no error in zstandard
    else:
        assert "damaged" in refused(tmp_path / "x")


def test_several_compressed_streams_in_a_row_are_one(tmp_path: Path) -> None:
    for pack in PACK.values():
        (tmp_path / "x").write_bytes(pack(mbox(MAILS[:2])) + pack(mbox(MAILS[2:])))
        assert [raw.data for raw in open_source(tmp_path / "x").read()] == list(MAILS)
