"""A message to what was in already when it was sent.

What a message speaks of is the patch that it answers (its nearest ancestor that is one), the whole series where that is
a cover letter, the title in its subject where the patch itself is not in the archive, and whatever commit or mail it
names in its own words. So an objection in another thread than the patch's own is found as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from ingest.commits import Event
from ingest.history.alike import title_key
from ingest.history.events import sentences, title_of
from ingest.history.evidence import Before, Post, again, before_of, went_in_as
from ingest.history.mentions import Mention, blamed, in_use, mentions, sender_in
from ingest.history.told import includes, names_part, told
from ingest.record import Known, Record, WentIn, posting_of

_RECENT = timedelta(days=7)
_BACK = re.compile(r"(?i)\brevert|\boriginal (?:series|patch|commit|change|code)|\bin the first place\b")


def went_in_before(posts: Sequence[Post], record: Record) -> dict[str, tuple[Before, ...]]:
    """For each message of a thread (oldest first) what was in when it was sent, best evidence first."""
    view = _View(posts, record)
    found = {post.mid: tuple(view.before(post)) for post in posts}
    named = {mid: some for mid, lines in found.items() if (some := [b for b in lines if b.start >= 0])}
    naming: dict[str, str] = {}
    for post in posts:
        if not found[post.mid]:
            above = view.upward(post.parent, named.__contains__, naming)
            found[post.mid] = tuple(view.inherited(post, named.get(above or posts[0].mid, ())))
    return {mid: lines for mid, lines in found.items() if lines}


def cites(subject: str, text: str) -> bool:
    """Whether anything here finds anything in the text, if the mail tells of no commit: most mails' words are of no
    use to the timeline."""
    back = _BACK.search(text) and mentions(subject, "")
    return bool(back or mentions("", text) or in_use(subject, text))


class _View:
    """A thread laid over the record."""

    def __init__(self, posts: Sequence[Post], record: Record) -> None:
        self.posts = posts
        self.record = record
        self.by_mid = {post.mid: post for post in posts}
        self.dates = {post.mid: post.date for post in posts if post.date}
        self.anchors: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.told: dict[str, list[WentIn]] = {}
        for post in posts:
            for event in record.told_by.get(post.mid, ()):
                if post.date and event.kind != "reverted":
                    for scope in self._scopes(post, event):
                        self.told.setdefault(scope, []).append(record.told(event, post.date))

    def upward(self, mid: str, wanted: Callable[[str], bool], known: dict[str, str]) -> str:
        """The first message that is ``wanted`` at or above ``mid``; "" for none. ``known``: the answers so far, since
        each message asks for the whole way up."""
        path: set[str] = set()
        while mid and mid not in path and mid not in known and not wanted(mid):
            path.add(mid)
            mid = self.by_mid[mid].parent if mid in self.by_mid else ""
        found = known.get(mid, "" if mid in path else mid)
        known |= dict.fromkeys(path, found)
        return found

    def anchor(self, mid: str) -> str:
        """The patch or cover letter that a message stands under, itself included; "" where there is none."""
        return self.upward(mid, self.record.patch.__contains__, self.anchors)

    def _scopes(self, post: Post, event: Event) -> list[str]:
        """What an event speaks of: the one patch of that title, the patches that the sentence counts up, else what the
        mail answers."""
        anchor = self.anchor(event.about or post.parent)
        ref = self.record.patch.get(anchor)
        if ref is None:
            return [anchor or _subject(post)]
        series = [r for r in self.record.series(ref) if r.number]
        named = [r.mid for r in series if title_key(r.title) == title_key(event.title)]
        if len(series) > 1 and not event.oid and (part := _part(post.text)):
            return [r.mid for r in series if r.number and includes(part, r.number)]
        return named or [anchor]

    def before(self, post: Post) -> list[Before]:
        """What was in when the post was sent, best evidence first."""
        if post.date is None:
            return []
        own = post.mid in self.record.patch
        anchor = "" if own else self.anchor(post.parent)
        found = [] if own else [*self._linked(anchor or _subject(post), post.date), *self._titled(anchor, post)]
        found.sort(key=lambda went: not went.oid)
        listed = [before_of(post, went) for went in found if went.mid != post.mid and went.at < post.date]
        listed += [before_of(post, self.record.told(e, post.date), "this mail says so: ")
                   for e in self.record.told_by.get(post.mid, ()) if e.kind != "reverted"]  # fmt: skip
        named = self._named(post)
        # Under "Fix what HASH broke" the words tell whether the fix is meant or what it mends.
        first = [b for b in named if b.start < 0] if _BACK.search(post.text) else []
        listed = [*first, *listed, *(b for b in named if b not in first)]
        if not own and not any(b.oid for b in listed):
            words = "" if listed else in_use(post.subject, post.text, under_patch=bool(anchor))
            sent = self._by_sender(post) if listed or words else []
            said = Before(post.mid, None, None, f'this mail says so: "{words}"', "", title_of(post.subject), "")
            listed = [*sent, *listed] or [said] * bool(words)
        return list({(b.at, b.oid or b.evidence): b for b in reversed(listed)}.values())[::-1]

    def _linked(self, anchor: str, date: datetime) -> list[WentIn]:
        """The patch under discussion: commits first, then what was told of it, of its series, and of all of it."""
        ref = self.record.patch.get(anchor)
        scopes = [anchor]
        if ref is not None:
            series = self.record.postings[posting_of(ref)]
            scopes += [r.mid for r in series if (r.number == 0) != (ref.number == 0)]
        told = [went for scope in scopes for went in self.told.get(scope, ())]
        latest = sorted(self.record.went_in(anchor, date), key=lambda w: (w.rank, -w.at.timestamp(), w.oid))
        return [*latest, *sorted(told, key=lambda w: (w.at, w.mid, w.title))]

    def _titled(self, anchor: str, post: Post) -> list[WentIn]:
        """The patch itself is not in the archive, but the subject line is a commit's."""
        key = title_key(title_of(post.subject))
        if anchor or len(key.split()) < 3 or not post.date or "[" not in post.subject:
            return []
        known = self.record.titled(key, post.date)
        return [went_in_as(known, f"committed as {known.oid[:12]}, which has this subject", 2)] if known else []

    def _by_sender(self, post: Post) -> list[Before]:
        """It is known to be in, but the patches are not in the archive: what their sender (whose address git writes
        into Message-IDs) had committed in the days before."""
        root = self.root(post.mid)
        sender = "" if root in self.record.patch else sender_in(root)
        assert post.date is not None
        found = self.record.handled(sender, post.date - _RECENT, post.date) if sender else []
        if not found:
            return []
        how = f"one of {len(found)} commits that the sender of the series signed off, committed as"
        return [before_of(post, went_in_as(known, f"{how} {known.oid[:12]}", 4)) for known in reversed(found)]

    def inherited(self, post: Post, named: Sequence[Before]) -> list[Before]:
        """In a thread that is about no patch, such as a bug report, what the mails above name is what it is about: the
        nearest that names anything, or the first of all for a gap in the chain of parents."""
        if post.mid in self.record.patch or self.anchor(post.parent) or post.date is None:
            return []
        return [again(post, b) for b in named]

    def root(self, mid: str) -> str:
        """The first message of the thread above this one, archived or not."""
        top = self.upward(mid, lambda one: one not in self.by_mid or not self.by_mid[one].parent, self.roots)
        return top or mid

    def _named(self, post: Post) -> list[Before]:
        """Commits and mails that the post names."""
        assert post.date is not None
        found: list[Before] = []
        for mention in mentions(post.subject, post.text):
            own = post.mid in self.record.patch
            if mention.start < 0 or mention.kind == "revert" or blamed(post.text, mention.start, own):
                found += self._mention(post, post.date, mention)
        return found

    def _mention(self, post: Post, date: datetime, mention: Mention) -> Iterator[Before]:
        known: Known | None = None
        told: list[WentIn] = []
        if mention.kind == "hash":
            known = self.record.commit(mention.value)
            told = self.record.told_commit(mention.value, mention.title, date)
        elif mention.kind in ("title", "revert"):
            known = self.record.titled(mention.value, date, ever=mention.kind == "revert")
            told = self.record.told_title(mention.value, date)
        elif mention.value not in self.by_mid:
            known = self._reverted_by(mention.value, date)
            told = self.record.went_in(mention.value, date)[:1]
        if known and known.committed < date:
            how = f"committed as {known.oid[:12]}, which this mail names"
            yield before_of(post, went_in_as(known, how, 3), start=mention.start)
        elif told:
            yield before_of(post, told[0], "of a change that this mail names: ", mention.start)
        elif mention.kind == "hash" and mention.title:
            evidence = f"this mail names {mention.value} as a commit"
            yield Before(post.mid, None, None, evidence, mention.value, mention.title, "", mention.start)

    def _reverted_by(self, mid: str, date: datetime) -> Known | None:
        """The commit that a posted patch means to revert."""
        ref = self.record.patch.get(mid)
        key = next((m.value for m in mentions(ref.title, "") if m.kind == "revert"), "") if ref else ""
        return self.record.titled(key, date, ever=True) if key else None


def _part(text: str) -> str:
    """The sentence that tells of a part of a series; "" where all of it went in."""
    for start, end in sentences(text, 0, len(text)):
        if names_part(text[start:end]) and told(text[start:end]):
            return text[start:end]
    return ""


def _subject(post: Post) -> str:
    """Stands for a patch that is not in the archive."""
    return f"subject {title_key(title_of(post.subject))}"
