"""One sentence of a mail that stands behind a commit: does it object to it in plain words?

What the commit did (breaks the build, is broken, should not have gone in), what ought to become of it (a revert), or
how it got in (why the rush, without an ack, nobody tested it). Only for mails of which it is known that the change was
in: of a patch under review the same words are review. A denial ("no regression"), a hypothesis and the praise of a fix
are none. The forms are ordinary English; every repetition in them is bounded, so that any text is read in linear time.
"""

from __future__ import annotations

import re

_LONG = 600  # characters of a sentence; more is no prose
_HARM = r"""(?:regress\w+|problems?|issues?|bugs?|failures?|crash\w*|hangs?|warnings?|splats?|deadlocks?|oops\w*
    |breakage|panics?|contention|asserts?|assertions?|lockups?|errors?)"""
_IT = r"""(?:this|that|it|these|they|the|your|my|original|commit|patch|series|change|which|and
    |[0-9a-f]{7,40}(?:[ ]\([^)]{0,120}\))?)"""
_HEDGED = (
    r"(?:(?:now|still|also|totally|completely|subtly|fundamentally|currently|really|just|simply|actually)[ ]){0,3}"
)
_IN = r"(?:committed|merged|applied|pushed|go[ ]in|get[ ]in|gone[ ]in|slip|past|in)"
_PAST = r"(?:ignored?|ignoring|unaddressed|disregarded|overlooked)"
_SAID = r"(?:comments?|concerns?|feedback|objections?|review)"
_OBJECTING = tuple(
    re.compile(f"(?ix){pattern}")
    for pattern in (
        # what ought to become of it
        r"""\b(?:needs?|wants?|should|must|ha(?:s|ve)[ ]to|suggest\w*|propos\w+|request\w*|please
            |(?:could|can)[ ](?:you|we)|i'll|we'll|inclined)\b(?![ ]not\b)
            [^.?!;]{0,70}\b(?<!not[ ]be[ ])revert(?:ed|ing)?\b""",
        r"""\brevert(?:ing|ed)?[ ][^.?!;]{1,60}\b(?:helps?|helped|fix(?:es|ed)|solve[sd]?|resolve[sd]?|cures?)\b""",
        r"\bjustification[ ](?:to|for)[ ]revert",
        # how it got in
        r"\bwhy[ ](?:the|such[ ]a)[ ](?:rush|hurry|haste)\b",
        rf"""\b(?:why|how)[ ](?:was|were|did|has|have|is|could)[ ](?:this|that|it|these|they)[ ]
            [^?]{{0,60}}\b(?:{_IN}|alarm)\b""",
        r"""\b(?:missing|lacking|lacked|without)[ ](?:an?|the|any|my|our|all)[ ](?:\w+[ ]){0,2}
            (?:acks?|acked-by|review|reviewed-by|approval)\b""",
        r"\b(?:wasn't|was[ ]not|weren't|were[ ]not|never)[ ](?:even[ ])?(?:cc'?e?d|copied)\b",
        r"\b(?:nobody|no[ -]?one|noone)\b[^.?!]{0,30}\b(?:compile|build|boot|test|tried)",
        rf"\b{_PAST}\b[^.?!]{{0,40}}\b{_SAID}\b|\b{_SAID}\b[^.?!]{{0,40}}\b{_PAST}\b",
        # what it is
        rf"""\b(?:is|was|are|were|looks?|seems?)[ ]{_HEDGED}
            (?:broken|harmful|bogus|unacceptable|not[ ]acceptable|premature)\b""",
        r"\b(?:isn't|aren't|not)[ ](?:really[ ])?(?:acceptable|fit)\b",
        r"\b(?:wrong|not[ ]be[ ]there|shouldn't[ ]have[ ]been[ ][^.?!]{0,40})[ ]in[ ]the[ ]first[ ]place\b",
        r"\b(?:should[ ]not|shouldn't|should[ ]never)[ ]have[ ](?:been|gone|come|got)\b",
        # what it did
        rf"\b{_IT}[ ]{_HEDGED}(?:breaks?|broke|has[ ]broken|wrecks?|wrecked|regresse[sd])\b",
        rf"""\b{_IT}[ ]{_HEDGED}(?:is[ ]causing|caus(?:es|ed)|introduce[sd]|create[sd]|trigger(?:s|ed))[ ]
            (?:\w+[ ]){{0,3}}{_HARM}\b""",
        rf"\b{_HARM}[ ](?:(?:is|was|were|are)[ ])?(?:caused|introduced|triggered|created)[ ]by\b",
        r"""\b(?:can't|cannot|can[ ]not|unable[ ]to|fails?[ ]to|failed[ ]to|no[ ]longer|won't)[ ](?:\w+[ ]){0,2}
            (?:boot|build|compile|link|start|work|load|resume|migrate|restore|come[ ]up)\b""",
        r"""\b(?:this|it|that|series|patch|commit|staging|master|next|tree|build)[ ](?:doesn't|does[ ]not)[ ]
            (?:even[ ])?(?:boot|build|compile|start|work)\b""",
        r"\bbisect(?:s|ed|ion|ing)?[ ](?:\w+[ ])?(?:points?|pointed|leads?|led|blames?|shows?|to)\b",
        r"""\b(?:chas(?:e|ing)(?:[ ]down)?|see|seeing|hit|hitting|found|follow(?:ed|ing)?[ ]up[ ]on|caus\w+
            |somewhat[ ]of)[ ](?:an?|the|some)[ ](?:\w+[ ])?regressions?\b""",
    )
)
_DENIED = re.compile(
    r"""(?ix)\b(?:no|nothing|without|hardly|neither)\W+(?:\w+\W+){0,2}(?:break\w*|broke|broken|regress\w*|issues?
            |problems?|fail\w*|crash\w*)\b
        |(?:\b(?:not|never)|n't)\W+(?:\w+\W+)?(?:break\w*|broken|regress\w*|fail\w*|crash\w*)\b
        |(?:\b(?:not|never)|n't)\W+(?:\w+\W+)?(?:seen?|noticed?|cause|introduce|find|observed?|have|had|show|hit)\W+
            (?:any|an?)\W+(?:\w+\W+)?(?:break\w*|regress\w*|issues?|problems?|fail\w*|crash\w*)\b
        |\b(?:without|before)[ ](?:this|that|the|your)[ ](?:patch|fix|series|change|commit|revert)\b"""
)
_SUPPOSED = re.compile(
    r"""(?ix)\b(?:fix\w*|avoid\w*|prevent\w*|address\w*|resolv\w*|solv\w*|thanks[ ]for|thank[ ]you[ ]for|in[ ]case|if
            |unless|would|might|may|could|until)\b[^.?!;]{0,60}\b(?:break\w*|broke|broken|regress\w*|issues?|problems?
            |bugs?|fail\w*|crash\w*|bisect\w*|misfire\w*|introduce\w*|cause\w*)\b
        |\b(?:if|once|until)\b[^.?!;]{0,80}\bwere\b|\bany[ ](?:attempt|change|patch)\b"""
)
_QUOTED = re.compile(r"\"[^\"]{0,300}\"|\u201c[^\u201d]{0,300}\u201d")


def complains(sentence: str) -> bool:
    """Does the sentence object to what is in?"""
    text = _plain(sentence)
    if len(text) > _LONG or _DENIED.search(text) or _SUPPOSED.search(text):
        return False
    own = _QUOTED.sub('""', text)
    return any(pattern.search(own) for pattern in _OBJECTING)


def denies(sentence: str) -> bool:
    """Does the sentence speak of harm only to deny it ("no regression", "nothing breaks")?"""
    return bool(_DENIED.search(_plain(sentence)))


def _plain(sentence: str) -> str:
    return " ".join(sentence[: 2 * _LONG].replace("\u2019", "'").split())
