"""One thread's labelled sentences to requirements: each rule with its argument, its status and the reason for it.

Statuses are the annotation guide's. Agreed: another participant assents without reservation, or it is stated as
existing policy and nobody contradicts, or a later version's changelog adopts it, or the patch that says so went in (it
became a commit, or somebody else tells that he took it). Contested: another participant argues against it and does not
withdraw that. Silence, one's own repetition and acks given to patches decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from guidelines import stances as st
from guidelines.adoption import adoption
from guidelines.likeness import contradict, matter
from guidelines.values import Claim, Entry, Requirement, Stance
from guidelines.wording import plain_topic
from nlp.labels import Label, Status

# Sentences that report a rule as being in force, instead of putting one forward.
_POLICY = re.compile(
    r"\bwe (?:have |had |already )*(?:decided|agreed|settled)\b"
    r"|\bthe (?:rule|policy|convention|consensus|agreement|current plan) (?:is|has been)\b"
    r"|\b(?:is|are) (?:an? |the )?(?:kernel|long-?standing|general|existing|established)\b.{0,30}"
    r"\b(?:rule|policy|convention)\b"
    r"|\bdon'?t break (?:user ?space|guests?)\b"
    r"|\b(?:in general|as a rule|generally),? (?:we|kvm|xen|the (?:kernel|hypervisor))\b"
    r"|\bwe (?:generally|explicitly|only|never|always) (?:want|do|don'?t|do not|require|expect|consider|allow|accept)\b"
    r"|\b(?:is|are)(?:,? \w+,?){0,2} (?:user ?space )?(?:ABI|API|UAPI)\b(?!\W+(?:break|impact))"
    r"|\bin (?:the|our|yesterday's|last week's) (?:community |weekly )?(?:call|meeting)\b"
    r"|\b(?:the|our) usual (?:way|answer|approach|rule|practice)\b|\bwe usually\b"
    r"|\b(?:is|are) (?:an? |the )?established\b|\b(?:is|are) permanent (?:ABI|API|UAPI)\b"
    r"|\bwe(?:'re| are) not (?:in the business of|going to (?:accept|break|merge|support))\b",
    re.IGNORECASE,
)


def resolve(
    claims: Sequence[Claim],
    committed: Mapping[str, str] | None = None,
    versions: Mapping[str, Sequence[Entry]] | None = None,
) -> list[Requirement]:
    """The requirements of one thread, in the order in which they were said, each with stances and status.

    ``committed`` names, by mid, the patch mails whose patch went in, with the evidence in words; ``versions``, by mid
    of a patch mail, what the changelogs of its later versions say.
    """
    rules = [c for c in claims if Label.REQUIREMENT in c.labels]
    adopted = {c.key: entry for c in rules if (entry := adoption(c, versions or {}))}
    thread = st.index([*claims, *{said.key: said for _, said in adopted.values()}.values()])
    found = st.stances(thread)
    for key, (stance, _) in adopted.items():
        found[key].append(stance)
        found[key].sort(key=lambda s: st.position(thread.by_key[s.claim]))
    first = [_requirement(c, found[c.key], thread, committed or {}) for c in thread.requirements]
    return [_superseded(r, first, thread) for r in first]


def _requirement(
    claim: Claim, found: list[Stance], thread: st.ThreadIndex, committed: Mapping[str, str]
) -> Requirement:
    status, reason = _status(claim, st.standing(st.weighty(found)), thread, committed)
    if not found and (first := st.agreed_with(claim, thread)) is not None:
        found = [Stance(st.ASSENT, first.key, first.mid, first.person, first.author, st.FIRST)]
    spoken = thread.by_key.values()
    concession = st.conceded(claim, st.objections(claim, spoken), spoken) if status != Status.AGREED else None
    if concession is not None:
        reason += f"; its author assented in answer to the objection ({_when(concession)})"
    return Requirement(
        claim=claim.key,
        topic=claim.topic if claim.said else plain_topic(claim.text) or claim.topic,
        status=status,
        reason=reason,
        stances=tuple(found),
        concerns=_concerns(claim, thread),
        withdrawn=concession is not None,
        counters=st.counters(claim, thread),
    )


def _status(
    claim: Claim, standing: Sequence[Stance], thread: st.ThreadIndex, committed: Mapping[str, str]
) -> tuple[str, str]:
    against = [s for s in standing if s.stance == st.DISSENT]
    with_it = [s for s in standing if s.stance == st.ASSENT]
    if against:
        return Status.CONTESTED, f"objection by {_named(against, thread)}"
    if with_it:
        return Status.AGREED, f"assent by {_named(with_it, thread)}"
    if contrary := st.counters(claim, thread):
        return Status.CONTESTED, f"{_who(thread.by_key[contrary[0]])} put up another rule against it"
    if policy(claim.text):
        return Status.AGREED, f"stated as existing policy by {_who(claim)}; nobody contradicted in the thread"
    if claim.is_patch and claim.mid in committed:
        return Status.AGREED, f"the patch that says so went in: {committed[claim.mid]}"
    if (first := st.agreed_with(claim, thread)) is not None:
        return Status.AGREED, f"said by {_who(claim)} in agreement with {_who(first)}; nobody contradicted"
    return Status.PROPOSED, f"put forward by {_who(claim)}; nobody else took a side in the thread"


def policy(text: str) -> bool:
    """Whether a sentence reports a rule as being in force."""
    return bool(_POLICY.search(text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")))


def _named(found: Sequence[Stance], thread: st.ThreadIndex) -> str:
    return "; ".join(f"{_who(thread.by_key[s.claim])}, {s.why}" for s in found)


def _who(claim: Claim) -> str:
    return f"{claim.author or claim.address or 'somebody without a name'} ({_when(claim)})"


def _when(claim: Claim) -> str:
    return claim.date.strftime("%Y-%m-%d") if claim.date else "undated"


def _concerns(claim: Claim, thread: st.ThreadIndex, near: int = 600) -> tuple[str, ...]:
    """The concerns it answers: those quoted right above it, else the nearest before it in the same passage."""
    quoted = [k for k in claim.answers if k in thread.by_key and Label.ABI_CONCERN in thread.by_key[k].labels]
    own = [
        c.key
        for c in thread.by_mid[claim.mid]
        if Label.ABI_CONCERN in c.labels and c.answers_text == claim.answers_text and 0 <= claim.start - c.end <= near
    ]
    return tuple(dict.fromkeys(own[-1:] + quoted[-2:]))


def _superseded(requirement: Requirement, others: Sequence[Requirement], thread: st.ThreadIndex) -> Requirement:
    """Mark what its own author replaced: the same matter, later, agreed, and the contrary or after giving in."""
    claim = thread.by_key[requirement.claim]
    if requirement.status == Status.AGREED:
        return requirement
    for other in others:
        new = thread.by_key[other.claim]
        if other.status != Status.AGREED or new.person != claim.person or not st.later(new, claim):
            continue
        one, two = matter(claim.text), matter(new.text)
        alike = len(one & two) >= 0.5 * max(1, len(one | two))
        if contradict(claim.text, new.text) or (requirement.withdrawn and alike):
            reason = f"replaced by what {_who(new)} said later"
            return replace(requirement, status=Status.SUPERSEDED, superseded_by=other.claim, reason=reason)
    return requirement
