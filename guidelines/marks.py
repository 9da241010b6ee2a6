"""A sentence to its marks: what its language shows of whether it is a rule and whether it is understood by itself.

A mark is a name with a number, mostly how often one of its phrases comes, three at most. ``guidelines.reading`` weighs
them.
"""

from __future__ import annotations

import re

from guidelines import cues
from guidelines.cues import any_of
from guidelines.likeness import words
from guidelines.wording import standing_alone, straight

MOST = 3
STEPS = (0.5, 0.65, 0.8)  # of the score by hand
_NEAR = 6  # words at the beginning, in which a thing must be named before it is pointed at
_KEEPERS = "(?:userspace|user[- ]space|vmms?|qemu|toolstack|kvmtool|guests?|host|vms?)"
_OUGHT = "(?:should|must|needs?|shouldn'?t|has to|cannot|can'?t)"
# Acting verbs that put "that" before a clause, not before a thing.
_CLAUSE = "is|are|the|a|it|we|you|they|can|must|should|has|have|was|will|would|do|does|only|any|all"
PHRASES: dict[str, re.Pattern[str]] = {
    # what a rule shows
    "asks": any_of("please"),
    "general": any_of(
        "in general", "generally", "as a (?:general )?(?:rule|thing)", "rule of thumb", "usually", "customary",
        "fundamentally", "at all times",
    ),
    "later": any_of("(?:in )?(?:the )?future", "next time", "going forward"),
    "must": any_of(
        "must", "shall", "mandatory", "required", "requires?", "unacceptable", "(?:not|isn'?t) acceptable",
        "not allowed", "forbidden",
    ),
    "should": any_of("should", "shouldn'?t", "ought"),
    "must not": any_of("shouldn'?t", "should not", "must not", "mustn'?t", "should never"),
    "needs to": any_of("needs? to", "has to", "have to"),
    "who ought": any_of(f"{_KEEPERS} {_OUGHT}"),
    "of all": any_of("an?", "any", "all", "every", "each", "new", "no", "only", "other", "anything", start=True),
    "condition": any_of(
        "if", "when", "whenever", "once", "before", "after", "given", "as", "since", "because", "unless", "while",
        start=True,
    ),
    "order": any_of("don'?t", "do not", "never", "avoid", "make sure", "ensure", "keep", "require", "use", start=True),
    "thing ought": re.compile(
        rf"^(?!(?:\S+ ){{0,5}}?(?:i|we|you|it|this|that|these|those|they|he|there|such)\b)(?:\S+ ){{1,8}}?{_OUGHT}\b",
        re.IGNORECASE,
    ),
    "form": cues.FORM,
    "verdict": any_of(
        "horrible", "awful", "terrible", "broken", "harmful", "insane", "crap", "nonsense", "a mistake", "a bad idea",
        r"unacceptable", "no-no", "(?:is|are|as) an? bug", r"frowned upon", "error-prone",
    ),
    "we ought not": any_of(
        "we (?:really )?(?:should|must|can) (?:not|never)", "we (?:really )?(?:shouldn'?t|can'?t|cannot|mustn'?t)",
        "i don'?t think (?:that )?we (?:should|want|can)",
    ),
    "policy": any_of(
        "we (?:generally |really |explicitly |purposely )?(?:don'?t|do not|never|only|always|try|reserve|avoid|follow)",
        "we(?:'re| are) not", "business of", "(?:is|are) (?:u?abi|u?api)",
    ),
    # what it speaks of
    "paper": any_of(
        r"document\w*", r"api\.rst", "commit (?:message|log)s?", "changelogs?", "cover letters?", "tests?",
        "selftests?", "cc", "patches", "series", r"bisect\w*", "maintainers?", "reviewers?",
    ),
    "interface": any_of(
        "u?abi", "u?api", "interfaces?", "hypercalls?", "ioctls?", r"capabilit\w+", "caps?", r"(?:\w+-)?compatib\w*"
    ),
    "exposure": any_of(r"expos\w+", r"advertis\w+", "opt[- ]in", r"enabl\w+", "visible", r"discover\w*", r"hid\w+"),
    "moving": any_of(r"migrat\w+", r"sav\w+", r"restor\w+"),
    "guest": any_of("guests?", "vms?"),
    "host": any_of("kvm", "xen", "hypervisor", "host"),
    "architecture": any_of("architecture", "architectural(?:ly)?", "spec"),
    "names": cues.NAMES,
    "features": cues.FEATURES,
    "numbers": any_of("0x[0-9a-f]+", r"\d+"),
    "short names": re.compile(r"\b[A-Z]\d\b|0x"),
    "marked": re.compile(r"[\"']\w+[\"']"),
    "patch": any_of(r"(?:this|the) (?:patch|series)", r"patch \d+", "this (?:commit|change)", r"\d+/\d+", r"v\d+"),
    # what leans on the thread
    "this": any_of("this", "these", "those", "such(?! as)"),
    "this thing": any_of(rf"(?:this|that(?! (?:{_CLAUSE}))|these|those|such(?! as)) \w+"),
    "pointing": cues.POINTING,
    "it ought": any_of(
        f"(?:this|it) (?:is|should|needs?|must|has|would|will|means|can|{_OUGHT})", "this (?:doesn|isn)'?t"
    ),
    "loose": cues.VAGUE,
    "beside": any_of("above", "below", r"previous(?:ly)?", "earlier", "as (?:i|you|we)", "mentioned", "(?:the )?same"),
    "here": any_of("here", "there(?! (?:is|are|should|must|may|needs?|has|have|isn|was))"),
    "now": any_of("now", "currently", "today", "at the moment", "at this (?:point|stage)", "so far", "already", "yet"),
    "goes on": any_of(
        "also", "too", "as well", "again", "still", "instead", "either", "anyway", "then", "otherwise", "additionally",
        "moreover", "furthermore",
    ),
    "bound": cues.BOUND,
    "example": any_of(r"e\.g\.?", r"i\.e\.?", "for example", "for instance", "iow", "that is", "or", start=True),
    "dangling": cues.DANGLING,
    # what is said by somebody to somebody
    "nods": cues.NOD,
    "agrees": any_of("agreed?", r"\+1", "indeed", "yes", "yeah", "right"),
    "believes": any_of(
        "i(?: don'?t)? (?:think|believe|guess|suppose|feel)", "imh?o", "afaict", "aiui", "iiuc", "not sure",
        "my (?:gut )?(?:feeling|take|preference|opinion|view|understanding)",
    ),
    "i": any_of("i", "i'?m", "i'?d", "i'?ll", "i'?ve", "my", "me"),
    "you": any_of("you", "you'?re", "you'?ll", "you'?d"),
    "your": any_of("your"),
    "we": any_of("we"),
    "we ought": any_of("we (?:should|need|must|have to|shouldn'?t|can|could|want|really|probably|might|may|will)"),
    # options and guesses
    "option": any_of("could", "might", "may", "maybe", "perhaps", "possibl[ey]", "optionally"),
    "would need": any_of("will (?:need|have) to", "would need"),
    "wish": any_of(
        "would be (?:good|nice|useful|better|best|great|helpful|worth)", "i'?d (?:like|love|hope|rather)", 
        "i would (?:like|love|hope|argue)", "i (?:intend|hope|wish)", "(?:is|are) (?:great|good|fine|okay)",
        "we could do with",
    ),
    "tentative": cues.TENTATIVE,
    "expects": cues.EXPECTING,
    "question": re.compile(r"\?"),
    # pieces of sentences
    "unfinished": re.compile(r"[^.!?)\"']$"),
    "begins low": re.compile(r"^[a-z]"),
}  # fmt: skip
# What every reader of these lists knows without having been told which.
_KNOWN = frozenset(
    words(
        "guest guests host hosts kernel vmm vmms hypervisor architecture spec specification user users "
        "toolstack abi api uapi vm vms vcpu vcpus documentation docs hardware hw os userspace cpu cpus linux "
        "kvm xen qemu arm future commit cover subject guest's host's kernel's architectural changelog dt acpi "
        "compiler system series"
    )
)
_SMALL = frozenset(
    words(
        "a an the of to in on at by for from with without as is are was were be been being it its this that "
        "these those they them their we us our you your i my me he she and or but if when so not no do does "
        "did has have had can could will would should must may might shall there here then than what which "
        "who how why where all any some each every also just only very more most such same other about into "
        "over out up down off again too still yet even well need needs want wants make makes let get gets"
    )
)
_OPENS = frozenset(
    words("think agree believe yes yeah right however really guess because since though otherwise instead")
)
_EXPLAINS = frozenset(words("of that which who for to in on between from with when where if used being by exposed"))
_STANDINS = frozenset(words("it they them its their it's he she"))
_TOKEN = re.compile(r"[\w'/*-]+|[,.;:()!?]")


def marks(text: str) -> dict[str, float]:
    """Every mark of a sentence, also those that it does not bear."""
    text = straight(text)
    core = cues.LEAD_IN.sub("", text)
    count = len(text.split())
    found = {name: float(min(MOST, len(phrases.findall(text)))) for name, phrases in PHRASES.items()}
    found["headless"] = float(bool(cues.HEADLESS.match(core)))
    found["short"], found["long"] = float(count < 7 and not found["thing ought"]), float(count > 60)
    found["middling"] = float(12 <= count <= 30)
    found["by hand"] = standing_alone(text)
    found |= {f"by hand {step}": float(found["by hand"] >= step) for step in STEPS}
    found["the thing"] = _unexplained(_TOKEN.findall(" ".join(core.lower().split()[:_NEAR])))
    found["it first"] = _early(_TOKEN.findall(core.lower()))
    return found


def _unexplained(tokens: list[str]) -> float:
    """How many things are spoken of as known ("the limit") which neither the sentence nor the field tells."""
    count = 0.0
    for at, token in enumerate(tokens):
        if token != "the":
            continue
        named = []
        for word in tokens[at + 1 : at + 5]:
            if word in _SMALL or not word[0].isalnum():
                break
            named.append(word)
        follows = tokens[at + 1 + len(named)] if at + 1 + len(named) < len(tokens) else ""
        if not named or _KNOWN.intersection(named) or any("_" in word for word in named):
            continue
        if not any(named[-1].rstrip("s") in word for word in tokens[:at]):
            count += 0.3 if follows in _EXPLAINS else 1.0
    return count


def _early(tokens: list[str]) -> float:
    """1 where something is called "it" before anything was named, 0.5 after a single word that could be its name."""
    place = next((at for at, token in enumerate(tokens) if token in _STANDINS), None)
    if place is None:
        return 0.0
    named = [word for word in tokens[:place] if len(word) > 2 and word not in _SMALL and word not in _OPENS]
    return (1.0, 0.5, 0.0)[min(2, len(named))]
