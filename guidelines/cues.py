"""The words by which a sentence tells its level, its side, and whether it can be read alone, as patterns.

Each is a list of phrases, so that one can be added or taken out without reading a long expression.
"""

from __future__ import annotations

import re


def any_of(*phrases: str, start: bool = False, end: bool = True) -> re.Pattern[str]:
    before, after = ("^" if start else r"\b"), (r"(?!\w)" if end else "")
    return re.compile(f"{before}(?:{'|'.join(phrases)}){after}", re.IGNORECASE)


_NOT_NOT = "(?<!no )(?<!not )(?<!n't )(?<!nt )"  # "no need to" leaves the choice
MUST = any_of(
    "must", "shall", "required", "requires", "mandatory", "never", "always", "cannot", "can'?t", "has to",
    f"{_NOT_NOT}have to", f"{_NOT_NOT}needs? to(?! be able)", f"{_NOT_NOT}needs? (?:an?|some|the|positive)",
    "unacceptable", "not acceptable", "not allowed", "aren'?t allowed", "no way",
)  # fmt: skip
SHOULD = any_of(
    "should", "shouldn'?t", "ought", r"prefer\w*", "better", "ideally", r"recommend\w*", "want", "good idea", "rather",
    r"expect\w*", "useful", "desirable", "sensible", "nice",
)  # fmt: skip
# "May be" and "might" guess more often than they permit.
MAY = any_of("may(?! (?:not )?(?:be|have|simply|well))", "optional(?:ly)?", "nice[ -]to[ -]have")
LEVELS = (("MUST", MUST), ("SHOULD", SHOULD), ("MAY", MAY))
HEDGE = any_of(
    "i think", "i don'?t think", "i believe", "i guess", "i suppose", "i'?d", "i would", "imo", "imho", "my take",
    "maybe", "perhaps", "probably", "propose", "suggest", "seems?", "would be (?:good|nice|better|useful)", "if i",
    "afaict", "iiuc", "not sure",
)  # fmt: skip
# Two answers to one question: who says the one says that the other is wrong.
ENDS = (
    (
        any_of(
            "an? errors?", "errors?", r"fail\w*", r"reject\w*", r"refus\w*", "invalid", "bugs?", "illegal", "forbidden"
        ),
        any_of(
            "no action", "no-?op", "success", "succeeds?", "ignored?", "accept(?:ed|s)?", "allowed", "harmless", "legal"
        ),
    ),
    (
        any_of("mandatory", "required", r"unconditional\w*", "a must"),
        any_of("optional(?:ly)?", "nice[ -]to[ -]have", "opt[ -]in", "best[ -]effort"),
    ),
)
CONDITION = re.compile(
    r"\b(?:if|when|whenever|unless|once|as long as|in order to)\b[^,]*?(?:,|\bthen\b)", re.IGNORECASE
)
ASIDE = re.compile(r"\([^()]*\)")
FORM = re.compile(
    f"{MUST.pattern}|{SHOULD.pattern}|"
    + r"\b(?:don'?t|do not|not|avoid|(?:is|are) (?:ABI|API|UAPI)|only|no|need|horrible|awful|wrong"
    r"|broken|harmful|bad idea|a bug)\b",
    re.IGNORECASE,
)

_CONNECTIVES = (
    "and", "but", "so(?! far)", "then", "also", "or", "no", "nope", "yes", "yeah", "yep", "well", "right", "however",
    "therefore", "hence", "thus", "otherwise", "instead", "besides", "ok", "okay", "sure", "exactly", "again",
    "similarly", "furthermore", "moreover", "still", "plus", "indeed", "of course", "in addition", "agreed",
    "i (?:fully )?agree", "in short", "finally", "somehow", "first of all", "as a result", "at that point", "unless",
    "yet", "anyway", "by this i mean", "thanks", "for now",
)  # fmt: skip
_POINTERS = (
    "it", "this", "that", "these", "those", "they", "he", "she", "same", "such", "both", "as such", "the latter",
    "the former", "the one",
    "(?:for|in|because of|given|due to|with|without|from|on|at|after|before) (?:this|that|these|those|it|them|which)",
    "in order to do (?:this|that|it|so)",
    r"(?:here|there)(?!(?:'s| is| are| should| must| may| needs?| has)\b)",
    r"i (?:don'?t )?(?:think|believe|guess|agree) (?:it|this|that|they|those|these)(?! \w+ (?:must|should|needs?))",
    "if (?:it|this|that|so|not|they)",
    "which (?:i|we|is|are|was|will|would|should|must|means|needs?)",
)  # fmt: skip
# A connective is a lead-in only where a comma follows, or where it can be nothing else.
LEAD_IN = re.compile(
    rf"^(?:(?:{'|'.join(_CONNECTIVES)})(?: of course)?[,;:.-]+\s+"
    r"|(?:so(?! far)|and|but|then|yeah|well|therefore|hence) (?=\w))+",
    re.IGNORECASE,
)
# What only nods or counts on may go without loss.
_NODS = (
    "well", "yes", "yeah", "yep", "right", "agreed", "i (?:fully )?agree", "exactly", "indeed", "sure", "ok", "okay",
    "furthermore", "moreover", "finally", "again", "as a result", "first of all", "of course", "thanks", "really",
)  # fmt: skip
NOD = any_of(*_NODS, start=True)
OPENER = any_of(*_CONNECTIVES, start=True)
# These go on from a condition or a proposal that stands before them.
BOUND = re.compile(
    r"^(?:(?:so|and|but)[, ]+)?(?:then|instead|otherwise|at that point|in that case|similarly)\b"
    r"|\b(?:would|will|should|must) then\b",
    re.IGNORECASE,
)
DANGLING = re.compile(rf"^(?:(?:{'|'.join(_CONNECTIVES)})\b[,;:. -]*)*(?:{'|'.join(_POINTERS)})(?!\w)", re.IGNORECASE)
# A rule without its subject: what needs it stands in the mail above.
HEADLESS = any_of(
    "needs?(?! (?:for|of))", "should", "must", "has to", "have to", "would be", "sounds", "looks", "seems", "makes",
    "probably an?", "maybe an?", start=True,
)  # fmt: skip
# "That" mostly opens a clause; these are the forms in which it points.
POINTING = any_of(
    "this", "these", "those", "such", "that(?:'s| way| case| point| one)", "that(?=[,.;:)])", "the former",
    "the latter",
)  # fmt: skip
# Words that stand for something which only the thread names.
VAGUE = any_of(
    "(?:new|existing|old|other|these|those) ones",
    "(?:like|as) (?:this|that|these|those)",
    "(?:these|those) things",
    "(?:any|every)thing else",
    "that way",
    "above",
    "below",
    "for now",
    "(?:access|see|use|do|handle|support|change|read|write|expose) that (?!the|a|an|is|are|it|we|you)\\w+",
    "both(?! (?:of|\\w+(?: \\w+)? and)\\b)",
    "(?:of|to|for|with|on|in|from|by|about|than) that (?!is|are|was|can|must|should)\\w+",
    "the (?:series|patch(?:es)?|combo|proposal|commit|loop|original|previous)",
    "the same (?:param|parameter|patch)",
    "you'?re (?:defining|doing|adding|proposing)",
)
ADDING = any_of("also", "too", "as well")
# Within a sentence these mostly mean a thing that it has named.
STANDING_IN = re.compile(r"(?<!so )\b(?:it|they|them)\b", re.IGNORECASE)
# What tells of the discussion or of its author's own doings, not of what ought to be.
TELLING = any_of(
    "as (?:you|we) can see", "as (?:indicated|mentioned|said|discussed|noted|explained|i said)", "according to what",
    "my (?:point|expectations?|understanding|proposal)", "i'?m aware", "i have no objections?",
    "i (?:introduced|was|had|did|tried|found|wrote|missed|forgot|broke)", "gave (?:his|her|their) feedback",
    "in the (?:\\w+ )?call", "i (?:don'?t )?(?:foresee|see)",
)  # fmt: skip
# "As I said, ..." leads in; what follows is the rule.
RECALL = re.compile(r"^as (?:\w+ ){1,4}?\w*,\s*", re.IGNORECASE)
# "Should" that expects instead of asking.
EXPECTING = any_of(
    "should(?:n'?t| not)? be (?:many|much|too|fine|ok(?:ay)?|enough|easy|hard|rare|trivial|sufficient|good to go)",
    "should(?:n'?t| not)? be (?:a (?:problem|big deal|concern)|an issue)",
    "should (?:just )?work",
)  # fmt: skip
# An abbreviation that is no word of the field at large names one feature.
FEATURES = re.compile(
    r"\b(?!(?:A[BP]I|UAPI|ACPI|ARM|CAP|CPU|DM|DT|EL[0-3]|GIC|HVM|ID|IMHO|IMO|IO|IPA|IRQ|KVM|LTS|MMIO|NACK|OS|PV|QEMU|RAM|RFC"
    r"|SHOULD|MUST|MAY|NOT|SMC|SMCCC|TLS|UAPI|VCPU|VM|VMM|XSM|BIOS|UEFI|TODO|FYI|HW|SW|FW|IIUC|AIUI|AFAICT|AFAIK)\b)"
    r"[A-Z][A-Z0-9]{2,}s?\b"
)
# An option that is being turned over is no rule yet.
TENTATIVE = re.compile(r"^(?:perhaps|maybe)\b|\b(?:should|could|might) (?:perhaps |maybe )?consider\b", re.IGNORECASE)
NAMES = re.compile(r"\b(?:\w*[A-Za-z]\w*_\w+|\w+->\w+|\w+\(\))")
_MADE = "(?:interface|uapi|api|abi|hypercall|ioctl|cap|capability|register|call|mechanism|sub-?op|device|protocol)s?"
# Whether a new interface is wanted at all, or what is there would do.
ALTERNATIVES = any_of(
    f"(?:no need|don'?t need|doesn'?t need|not need|no reason|rather than|instead of)(?: \\w+){{0,4}}? "
    f"(?:new|separate|another|dedicated|second|extra|additional)(?: \\w+){{0,3}}? {_MADE}",
    f"\\w*(?:not|n'?t)(?: \\w+){{0,12}}? (?:into |as )?an? (?:new|separate|another|dedicated) {_MADE}",
    f"(?:re-?use|reusing|use|extend) (?:the |an |our |its )?existing (?:\\w+ )?{_MADE}",
    f"existing (?:\\w+ )?{_MADE} (?:is|are|can|could|should|already|would)",
    f"already (?:have|has|provides?|exists?|there is|got)(?: \\w+){{0,4}}? {_MADE}",
)  # fmt: skip
PERSONAL = any_of("you", "your", "i", "i'?m", "i'?d", "i'?ll", "i'?ve", "my", "me")

# Words that leave no doubt of a rule's topic, whatever else it names; the first that fits.
PLAIN_TOPICS = (
    (
        "process",
        any_of(
            "commit (?:message|log)s?", "cover letters?", "change ?logs?", "subject lines?", "sign(?:ed)?-off(?:-by)?",
            "s-o-b", "(?:reviewed|acked)-by", "respin", "(?:merge|release) window", "freeze", "topic branch(?:es)?",
            r"backport\w*", r"-rc\d+", "(?:each|every) patch", "patch series", "in a series",
            "review(?:s|ed|ers?|ing)?",
        ),
    ),
    (
        "testing",
        any_of(
            "(?:k?self-?)tests?", "kvm-unit-tests", "test (?:case|suite)s?", "tests",
            "(?:be|been|is|are|get) tested", "(?:must|should|to) test",
        ),
    ),
    ("documentation", any_of(r"document(?:ed|ing|ation|s)?", r"api\.rst")),
)  # fmt: skip

_GREETING = "(?:(?:hi|well|ah|oh|hmm?|ok|okay)[ ,.]+)*"
_ENDS = "(?=[ ,.!;:-]|$)"
_SOUND = "(?:good|right|reasonable|sensible|fine)"
ASSENT = re.compile(
    f"^{_GREETING}(?:"
    + "|".join(
        (
            f"(?:yes|yeah|yep|yup|sure|right(?! now)|true|indeed|exactly|ok|okay){_ENDS}",
            r"agreed?\b",
            r"(?:i|we) (?:fully |completely |totally |also |do |certainly )?agree\b",
            r"fully agree\b",
            r"(?:absolutely|definitely|certainly|of course|correct)(?! (?:not|we|you|it|they)\b)",
            "(?:that'?s |that is )?(?:a )?(?:fair|good|valid|great|excellent) "
            "(?:enough|point|idea|catch|call|suggestion)",
            "(?:that |it |this )?makes sense",
            f"(?:that |it |this )?(?:sounds|looks) {_SOUND}",
            "that works",
            "will (?:do|fix|add|change|drop|remove)",
            r"(?:done|fixed)\b",
            r"you(?:'?re| are) (?:absolutely |completely )?right",
            r"(?:i'?m |i am )?(?:fine|ok|okay|happy) (?:with|by)\b",
            r"\+1",
            r"no,? (?:problem|objections?|you'?re right|that'?s (?:fair|fine))\b",
            "(?:thanks?,? )?(?:i'?ll|i will) (?:do|fix|add|change|update|drop|remove|rework)",
            "nice catch",
        )
    )
    + ")",
    re.IGNORECASE,
)
TAKEN_BACK = re.compile(
    r"\b(?:wh?at i (?:meant|intended|wanted)|want i|is what i (?:meant|intended)|in theory|not sure"
    r"|was (?:just |only )?(?:trying|wondering|asking|thinking|curious))\b",
    re.IGNORECASE,
)
RESERVED = re.compile(
    rf"{TAKEN_BACK.pattern}|^while i\b|\b(?:but|if|however|though|although|except|unless|only if|still|in principle"
    r"|partly|mostly|what about|assuming)\b|\?\s*$",
    re.IGNORECASE,
)
_OFF_THE_HOOK = "(?! (?:problem|objections?|worries|doubt|question|issues?))"
REFUSAL = re.compile(
    "^(?:(?:hi|well|ah|oh|hmm?|ok|okay|sorry|but|and)[ ,.]+)*(?:"
    + "|".join(
        (
            r"(?:absolutely|definitely|certainly|of course|clearly|really|probably) not\b",
            rf"no+{_ENDS}{_OFF_THE_HOOK}(?!,? (?:you'?re right|(?:that|it)'?s (?:fair|fine|good|ok|okay|right|true)))",
            r"(?:nope|nak|nack)\b",
            r"not (?:really|at all|quite|true|convinced|sure)\b",
            r"i (?:strongly |really )?(?:disagree|object)\b",
            r"i (?:don'?t|do not) (?:think|agree|like|see|buy|believe|follow|understand)\b",
            r"i(?:'m| am) (?:not|afraid)\b",
            "i (?:doubt|would rather not|beg to)",
            r"(?:this|that|it) (?:doesn'?t|does not|won'?t|isn'?t|is not|is wrong|can'?t|cannot)\b",
            r"why\b",
            r"(?:i'?m |i am )?(?:so |really |very )?sorry\b(?!,? (?:i'?ll|i will))",
        )
    )
    + ")",
    re.IGNORECASE,
)
BULLET = re.compile(r"^(?:[-*+o\u2022]|\(?(?:\d{1,2}|[a-z])[.)])\s+")
