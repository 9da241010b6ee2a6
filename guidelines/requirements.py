"""One thread's labelled sentences to requirements: each rule with its argument, its status and the reason for it.

Statuses are the annotation guide's. Agreed: another participant assents without reservation, or it is stated as
existing policy and nobody contradicts. Contested: another participant argues against it and does not withdraw that.
Silence, one's own repetition and acks given to patches decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guidelines import stances as st
from guidelines.values import Claim, Requirement, Stance
from nlp.labels import Label, Status

_POLICY = re.compile(
    r"\bwe (?:have |had |already )*(?:decided|agreed|settled)\b"
    r"|\bthe (?:rule|policy|convention|consensus|agreement|current plan) (?:is|has been)\b"
    r"|\b(?:is|are) (?:an? |the )?(?:kernel|long-?standing|general|existing|established)\b.{0,30}"
    r"\b(?:rule|policy|convention)\b"
    r"|\bdon'?t break (?:user ?space|guests?)\b"
    r"|\b(?:in general|as a rule|generally),? (?:we|kvm|xen|the (?:kernel|hypervisor))\b"
    r"|\bwe generally (?:want|do|don'?t|require|expect)\b",
    re.IGNORECASE,
)


def resolve(claims: Sequence[Claim]) -> list[Requirement]:
    """The requirements of one thread, in the order in which they were said, each with stances and status."""
    thread = st.index(claims)
    found = st.stances(thread)
    return [_requirement(claim, found[claim.key], thread) for claim in thread.requirements]


def _requirement(claim: Claim, found: list[Stance], thread: st.ThreadIndex) -> Requirement:
    standing = _standing(claim, found, thread)
    status, reason = _status(claim, standing, thread)
    return Requirement(
        claim=claim.key,
        topic=claim.topic,
        status=status,
        reason=reason,
        stances=tuple(found),
        concerns=_concerns(claim, thread),
        withdrawn=False,
    )


def _standing(claim: Claim, found: Sequence[Stance], thread: st.ThreadIndex) -> list[Stance]:
    """Each person's last word: an assent after one's own dissent withdraws it, and the other way round."""
    last: dict[str, Stance] = {}
    for stance in found:
        before = last.get(stance.person)
        same_mail = before is not None and before.mid == stance.mid
        # Within one mail a reservation outweighs an assent, wherever it stands.
        if same_mail and before is not None and before.stance == st.DISSENT:
            continue
        last[stance.person] = stance
    return list(last.values())


def _status(claim: Claim, standing: Sequence[Stance], thread: st.ThreadIndex) -> tuple[str, str]:
    against = [s for s in standing if s.stance == st.DISSENT]
    with_it = [s for s in standing if s.stance == st.ASSENT]
    if against:
        return Status.CONTESTED, f"objection by {_named(against, thread)}"
    if with_it:
        return Status.AGREED, f"assent by {_named(with_it, thread)}"
    if _POLICY.search(claim.text):
        return Status.AGREED, f"stated as existing policy by {_who(claim)}; nobody contradicted in the thread"
    return Status.PROPOSED, f"nobody else assented or objected to {_who(claim)} in the thread"


def _named(found: Sequence[Stance], thread: st.ThreadIndex) -> str:
    return "; ".join(f"{_who(thread.by_key[s.claim])}: {s.why}" for s in found)


def _who(claim: Claim) -> str:
    return f"{claim.author or claim.address or 'somebody'} ({claim.date:%Y-%m-%d})" if claim.date else claim.author


def _concerns(claim: Claim, thread: st.ThreadIndex) -> tuple[str, ...]:
    """The concerns it answers: those quoted above it, else the nearest before it in its own mail."""
    quoted = [k for k in claim.answers if k in thread.by_key and Label.ABI_CONCERN in thread.by_key[k].labels]
    own = [c.key for c in thread.by_mid[claim.mid] if Label.ABI_CONCERN in c.labels and c.end <= claim.start]
    return tuple(dict.fromkeys(quoted + own[-1:]))
