"""The words in which people say that a change has gone in: verbs and their company, as data for ``told``."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KINDS = {
    **dict.fromkeys(("applied", "picked", "taken", "took", "grabbed", "landed", "added", "folded"), "applied"),
    **dict.fromkeys(("squashed", "cherry-picked"), "applied"),
    **dict.fromkeys(("committed", "commited", "comitted", "merged", "upstreamed"), "committed"),
    **dict.fromkeys(("queued", "enqueued"), "queued"),
    **dict.fromkeys(("reverted", "unqueued", "dropped"), "reverted"),
    "pushed": "pushed",
    "pulled": "pulled",
}
# These have so many other senses that they need a destination, or "up", or "thanks".
WEAK = _words("picked taken took grabbed added folded squashed landed")
CHEER = _words(
    """ok okay thanks thank you thx cheers great nice work right alright good perfect lgtm fine done yes yep yeah sure
    fyi fwiw cool awesome makes sense and so also now just already regrets provisionally tentatively fixed finally both
    catch point hi hello all well a lot again very much to for of the your guys everyone indeed excellent super looks me
    anyway i've rebased reworded adjusted amended acked acked-by reviewed reviewed-by tested tweaked up me"""
)
FEELING = _words("regret regrets thanks pleasure apologies")
NOUNS = _words(
    """series set patch patches patchset one ones lot commit commits fix fixes change changes v2 rest remaining first
    last two three four others revert reverts backport backports tests"""
)
THINGS = NOUNS | _words("this that it them they these those both all everything whole entire")
OBJECT = THINGS | _words("the your patch-set as-is")
ADVERBS = _words(
    """now just already also since then finally only both all even recently actually thus therefore tentatively
    provisionally instead hereby meanwhile today yesterday subsequently"""
)
BE = _words("is are was were been has have had got")
# In front of the verb, in its clause: it has not happened, or is not said to have.
OFF = _words(
    """will would shall should could can cannot may might must gonna intend plan planning want wants wanted hope
    hopefully not never no nothing none without rather need needs needed ought almost nearly wish please let supposed
    expect expected how why where who whether than to be get gets ideally like unless don't doesn't isn't wasn't
    haven't hasn't hadn't aren't weren't won't can't couldn't wouldn't shouldn't didn't i'll we'll you'll he'll it'll
    they'll i'd we'd being they've he's she's"""
)
IF = _words("if once when whenever until till before after unless assuming provided while as because since")
HARD_IF = _words("if once when whenever until till unless assuming provided")
ELSEWHERE = _words("locally cleanly conflict conflicts conflicted fails failed tested test try see")
PUSHED_ELSEWHERE = _words("here at : http https updated version branch my an a")
WHEN = _words(
    """already as by now in with yesterday today last and a some upstream long ago recently during after while via
    before this so"""
)
NO_NAMES = _words(
    """i we he they she it this that these those which who patch patches series and or but is are was were be been to
    not then the a an of for in on with people one test tests code function functions"""
)
BREAK = frozenset(",;:()!?") | {"but", "and", "so"}
AFTER_TERSE = _words("thanks up with as now and for to by too in into cheers after")

NUMBER = re.compile(r"(?:#|\[(?=\d+/))?v?\d+(?:[-/+,]\d+)*\]?$")
FOOTNOTE = re.compile(r"(?<=[\w)])\[\d+\]")
# Somebody tries a patch out, takes a suggestion up, or speaks of the next version.
TRIAL = re.compile(
    r"^(?:(?:up|out|this|that|it|these|them|all|both|the|your|above|following|below|patch|patches|series|change|fix) )*"
    r"(?:on v?\d+\.\d|to (?:the|my|your|our) (?:patch|series|code|commit|local|own)|to our|on our|to next-20\d"
    r"|to \w+_\w+|for a ride|for v\d{1,2}\b|approach|hunk|liberty|care|advice|suggestion"
    r"|(?:, )?(?:and|then) (?:verified|tested|it|i|we|booted|ran|built|tried|did|everything|confirm\w*|checked)\b)"
)
DESTINATION = re.compile(
    r"(?i)^(?:the\s+|my\s+|our\s+)?((?:[\w+-][\w.+-]*/)*[\w+-][\w.+-]*?)(?:'s)?(?:\s+(?:branch|tree|queue)\b)?"
    r"(?:\s+\(([\w./+-]+)\))?(?=[\s,;:!)]|\.(?:\s|$)|$)"
)
INNER = re.compile(r"(?i)\s+((?=[\w./+-]*(?:next|fixes|queue|misc|core|stable))[\w.+-]+/[\w./+-]*\w)(?=[\s,;:!.]|$)")
NEXT_CLAUSE = re.compile(r"(?i)\s+(?:i|we|you|they|he|she|it)(?:'\w+)?\s")  # "for 5.16 we can do it differently"
PLACE = re.compile(
    r"(?i)^(?:[\w.-]*(?:next|fixes|staging|master|main|mainline|upstream|urgent|queue|tree|stable|devel|tip|misc|trunk"
    r"|unstable|testing)[\w./-]*|[\w.-]+/[\w./-]+|(?:linux-?)?v?\d+\.\d+[\w.-]*|-rc\d*|kvm\w*|arm64|target-arm\S*)$"
)
STANDING = re.compile(  # it is in, said as a state
    r"(?i)\b(?:this|it|these|they|that|both|series|patch(?:es)?(?: #?\d[\d ,&+-]*(?:and \d+)?)?)"
    r"(?: (?:is|are)|'s|'re) (?:now |already |all |both )*"
    r"(?:in (?:the )?(?P<branch>staging|master|mainline|linux-next|-next"
    r"|upstream|Linus' tree|(?:linux )?v?\d+\.\d+(?:-rc\d+)?)|upstream)(?! (?:version|kernel))\b"
    r"|^now in (?P<there>staging|master|mainline|linux-next|-next|upstream)\b"
    r"|\b(?:this|it|these|they|series|patch(?:es)?)"
    r" (?:(?:has|have) (?:now |already |just )?gone in|(?:just |already )?went in)\b(?! (?:the|a|circles|and)\b)"
)
TAKEN_OUT = re.compile(r"\bfrom (?:the |my |our )?(?:[\w./-]+ )?(?:queue|tree|branch|staging|\S*next|\S*fixes)\b")
