"""A configured address to bytes, under limits: what is asked for, whom, how much and for how long.

Addresses come from the configuration only, never from a mail. https, or http to this very machine. The host is resolved
here, every address it has must be a public one (unless the source is configured as private), and the connection goes to
the address that was checked, so that a second look-up cannot lead elsewhere. Redirects are followed here, each checked
the same way. What fails for the moment is tried again with growing pauses.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import SplitResult, urljoin, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, SSLError

from errors import SourceError

LOGGER = logging.getLogger("precedent.http")
AGENT = "precedent (mailing list archive reader)"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_AGAIN = frozenset((408, 429, 500, 502, 503, 504))
_CHUNK = 1 << 16


class Unreachable(SourceError):
    """A host that cannot be found just now."""


@dataclass(frozen=True, slots=True)
class Access:
    """How far a source may go. ``private``: its host may have addresses that are not public."""

    private: bool = False
    size: int = 4 << 30
    seconds: float = 1800
    redirects: int = 5
    pauses: tuple[float, ...] = (2, 10, 30)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """An address that was checked: where to connect to, and as what."""

    url: str
    host: str
    port: int
    address: str
    secure: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the address after redirects, the status, the headers (names in lower case)."""

    url: str
    status: int
    headers: Mapping[str, str]


def checked(url: str, access: Access, local: bool = False) -> Place:
    """The place behind ``url``; SourceError where it may not be asked. ``local``: this machine is allowed."""
    parts = _split(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise SourceError(f"{url} may not be fetched", "Use an https:// address; http only for this very machine.")
    if not host or parts.username is not None:
        raise SourceError(f"{url} is no address that can be fetched", "Write it as https://HOST/PATH, without a user.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = sorted({str(item[4][0]) for item in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except OSError as fault:
        raise Unreachable(f"{host} is not known: {fault.strerror}", "Check the address and the network.") from fault
    except UnicodeError as fault:
        raise SourceError(f"{host} is no name of a host: {fault}", "Check the address.") from fault
    for address in found:
        if not _may(address, access.private, local):
            raise SourceError(
                f"{url} leads to {address}, which is no public address",
                "If that is meant, set private = true at the source in the configuration.",
            )
    return Place(url, host, port, next((a for a in found if ":" not in a), found[0]), parts.scheme == "https")


def is_local(url: str) -> bool:
    """Whether ``url`` names this very machine."""
    return (_split(url).hostname or "") in _LOCAL


def get(url: str, sink: IO[bytes], access: Access, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer's body goes into ``sink``, which is emptied first. Any status comes back that will not change soon;
    SourceError for the others, after several tries."""
    for pause in (*access.pauses, None):
        sink.seek(0)
        sink.truncate()
        try:
            answer = _follow(url, sink, access, dict(headers or {}))
            if answer.status not in _AGAIN:
                return answer
            told = f"it answers {answer.status}"
        except (HTTPError, Unreachable) as fault:
            told = f"{type(fault).__name__}: {fault}"
            if isinstance(fault, SSLError):
                pause = None
        if pause is None:
            break
        LOGGER.warning("%s: %s; next try in %.0f s", url, told, pause)
        access.sleep(pause)
    raise SourceError(f"{url} cannot be fetched: {told}", "The next run tries again.")


def _follow(url: str, sink: IO[bytes], access: Access, headers: dict[str, str]) -> Answer:
    local, until = is_local(url), time.monotonic() + access.seconds
    for _ in range(access.redirects + 1):
        place = checked(url, access, local)
        response = _request(place, headers)
        try:
            target = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not target:
                if response.status == 200:
                    _copy(response, sink, place.url, access.size, until)
                return Answer(url, response.status, {k.lower(): v for k, v in response.headers.items()})
        finally:
            response.close()
        try:
            url = urljoin(url, target)
        except ValueError as fault:
            raise SourceError(
                f"{url} redirects to no address: {fault}", "Give the address that it leads to."
            ) from fault
    raise SourceError(f"{url} redirects again and again", "Give the address that it leads to.")


def _request(place: Place, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
    parts = _split(place.url)
    pool: urllib3.HTTPConnectionPool
    if place.secure:
        pool = urllib3.HTTPSConnectionPool(
            place.address, place.port, server_hostname=place.host, assert_hostname=place.host, cert_reqs="CERT_REQUIRED"
        )
    else:
        pool = urllib3.HTTPConnectionPool(place.address, place.port)
    fixed = {"Host": parts.netloc, "User-Agent": AGENT, "Accept-Encoding": "identity"}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # What the response reads from outlives the pool, which is only a means to one request.
    return pool.request(
        "GET", path, headers=headers | fixed, redirect=False, retries=False, preload_content=False,
        timeout=urllib3.Timeout(connect=20, read=60), decode_content=False,
    )  # fmt: skip


def _copy(response: urllib3.BaseHTTPResponse, sink: IO[bytes], url: str, size: int, until: float) -> None:
    left = size
    while chunk := response.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise SourceError(f"{url} sends more than {size} bytes", "Is that the archive? It was left alone.")
        if time.monotonic() > until:
            raise SourceError(f"{url} takes too long", "The next run tries again.")
        sink.write(chunk)


def _may(address: str, private: bool, local: bool) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    if mapped.is_multicast or mapped.is_unspecified:
        return False
    return private or mapped.is_global or (local and mapped.is_loopback)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as fault:
        raise SourceError(f"{url} is no address: {fault}", "Write it as https://HOST/PATH.") from fault
    if any(character <= " " or character == "\x7f" for character in url):
        raise SourceError("an address holds a space or a control character", "Write it as https://HOST/PATH.")
    return parts
