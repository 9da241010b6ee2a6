"""Text to tokens: spaCy's English tokenizer, with identifiers, calls, paths, versions and hashes kept whole.

``HVMOP_op_mask``, ``foo()``, ``arch/arm64/kvm/arm.c``, ``v5.1-rc2`` and ``CPUID.0x4000000x`` are one token each; the
typewriter and the typographic apostrophe cut alike ("don't", "don\u2019t").
"""

from __future__ import annotations

import re

from spacy.lang.en import English
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]  # a compiled module without stubs
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, registry

# spaCy saves a tokenizer's expressions without flags and matches from the start: hence one plain, anchored pattern.
WHOLE = re.compile(
    "(?:"
    + "|".join(
        (
            r"[A-Za-z_]\w*(?:(?:->|\.|::)[A-Za-z_]\w*)*\(\)",  # foo(), ops->foo()
            r"\w*_\w*(?:->\w+|\[\w*\])*",  # HVMOP_op_mask, vcpu_info->x, regs_[4]
            r"(?:\.{0,2}/)?[\w.+-]*\w(?:/[\w.+{}*-]+)+/?",  # arch/arm64/kvm/arm.c
            r"v?\d+(?:\.\d+)+(?:-rc\d+)?\+?",  # 5.1, v5.1-rc2
            r"[0-9a-f]{10,40}",
            r"0x[0-9A-Fa-f_]+",
            r"[A-Z]\w+(?:\.\w+)+",  # CPUID.0x4000000x, KVM.h
            r"-E[A-Z]{3,}",
            r"-rc\d+",
            r"XSA-\d+",
            r"CVE-\d{4}-\d+",
        )
    )
    + r")\Z"
)


CACHE = 50_000  # spellings remembered; spaCy stops at 10,000, and code has many more


@registry.tokenizers("precedent.MailTokenizer.v1")  # type: ignore[untyped-decorator]  # spaCy types it so
def create() -> object:
    def build(language: Language) -> Tokenizer:
        defaults = English.Defaults
        url = defaults.url_match
        rules = dict(defaults.tokenizer_exceptions or {})
        prefixes = compile_prefix_regex(defaults.prefixes or ())
        suffixes = compile_suffix_regex(defaults.suffixes or ())
        infixes = compile_infix_regex(defaults.infixes or ())
        return Tokenizer(
            language.vocab,
            rules=rules,
            prefix_search=prefixes.search,
            suffix_search=suffixes.search,
            infix_finditer=infixes.finditer,
            token_match=WHOLE.match,
            url_match=url,
            max_cache_size=CACHE,
        )

    return build
