"""People: which names and addresses are one person, which are not, and why. All of them are invented."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.people.mailmap import Entry, parse_mailmap
from ingest.people.merge import Person, merge
from ingest.people.names import folded, plain_name, telling

Pair = tuple[str, str]


def one(*pairs: Pair, mailmap: str = "", overrides: str = "") -> Person:
    found = set(merge(pairs, mailmap, overrides).values())
    assert len(found) == 1, found
    return found.pop()


def count(*pairs: Pair, mailmap: str = "", overrides: str = "") -> int:
    return len({person.key for person in merge(pairs, mailmap, overrides).values()})


def why(person: Person, pair: Pair) -> str:
    return next(reason for name, address, reason in person.aliases if (name, address) == pair)


def test_one_address_in_any_case_is_one_person() -> None:
    person = one(("Ada Quill", "Ada@Example.org"), ("A. Quill", "ada@example.org"), ("", "ada@example.org"))
    assert (person.key, person.name) == ("ada@example.org", "Ada Quill")
    assert why(person, ("Ada Quill", "Ada@Example.org")) == "same address"


def test_the_key_is_the_lexically_first_plain_address() -> None:
    assert one(("Ada Quill", "quill@example.org"), ("Ada Quill", "ada@example.com")).key == "ada@example.com"


def test_the_same_telling_name_is_one_person_and_says_so() -> None:
    person = one(("Ada Quillfeather", "ada@example.org"), ("Ada Quillfeather", "quill@example.com"))
    assert why(person, ("Ada Quillfeather", "quill@example.com")) == "same full name"


@pytest.mark.parametrize(
    "other",
    ["Joerg Grossmann", "Jorg Grossmann", "JÖRG GROSSMANN", "Großmann, Jörg", "Grossmann Joerg", "Jörg Großmann (Org)"],
)
def test_umlauts_order_case_and_brackets_do_not_make_two_people(other: str) -> None:
    assert one(("Jörg Großmann", "joerg@example.org"), (other, "jg@example.com")).name == "Jörg Großmann"


def test_an_initial_more_or_less_is_one_person_but_two_initials_are_two() -> None:
    assert count(("Ada B. Quill", "a@example.org"), ("Ada Quill", "b@example.org")) == 1
    assert count(("Ada B. Quill", "a@example.org"), ("Ada C. Quill", "b@example.org")) == 2


@pytest.mark.parametrize(
    "name", ["Jan", "Wei Wang", "Jia He", "David Smith", "John Lee", "root", "Kernel Test Bot", "J. K."]
)
def test_a_common_name_alone_merges_nobody(name: str) -> None:
    assert count((name, "one@example.org"), (name, "two@example.com")) == 2


def test_people_of_different_names_at_different_addresses_stay_apart() -> None:
    assert count(("Ada Quillfeather", "ada@example.org"), ("Ben Quillfeather", "ben@example.org")) == 2


def test_a_lists_rewritten_from_is_the_person_of_that_full_name() -> None:
    person = one(
        ("Ada Quillfeather via Zed-devel", "zed-devel@lists.example.org"), ("Ada Quillfeather", "ada@example.org")
    )
    assert (person.key, person.name) == ("ada@example.org", "Ada Quillfeather")


def test_the_address_of_a_list_merges_nobody() -> None:
    pairs = [("Ada Quillfeather via Zed", "zed@example.org"), ("Ben Okaforian via Zed", "zed@example.org")]
    assert count(*pairs, ("Someone", "zed@example.org")) == 3
    assert count(("Jan via Zed", "zed@example.org"), ("Jan", "jan@example.org")) == 2


def test_an_address_that_many_names_write_from_merges_nobody() -> None:
    names = ["Ada Quillfeather", "Ben Okaforian", "Cleo Marchetto", "Dov Lindqvister"]
    assert count(*((name, "notifications@example.org") for name in names)) == 4
    assert count(*((name, "address@hidden") for name in names[:2])) == 2
    spellings = ["Ada Quillfeather", "Ada B. Quillfeather", "Ada Quillfeather-Okaforian", "Quillfeather"]
    assert count(*((name, "ada@example.org") for name in spellings)) == 1


def test_a_mailbox_called_by_the_full_name_needs_no_display_name() -> None:
    person = one(("Ada Quillfeather", "aq@example.org"), ("", "ada.quillfeather@example.com"))
    assert why(person, ("", "ada.quillfeather@example.com")) == "same full name"
    assert count(("Wei Wang", "ww@example.org"), ("", "wei.wang@example.com")) == 2


def test_a_relays_from_is_the_person_whose_address_it_carries() -> None:
    assert one(("Jan via B4 Relay", "devnull+jan.example.org@kernel.example"), ("Jan", "jan@example.org"))


def test_without_a_known_address_the_folded_name_is_the_key() -> None:
    assert one(("Jörg Großmann via Zed", "zed@example.org")).key == "grossmann jorg"
    assert one(("Jan via Zed", "zed@example.org")).key == "jan via zed@example.org"


@pytest.mark.parametrize(
    "rewritten",
    [
        "ada=40example.org@dmarc.example.net",
        "ada=example.org@dmarc.example.net",
        "ada@example.org.invalid",
        "ada at example.org",
        "ada [at] example.org",
        "ada () example ! org",
        "ada+zed@example.org",
        "devnull+ada.example.org@kernel.example",
    ],
)
def test_an_address_that_a_list_relay_or_archive_rewrote_is_the_original(rewritten: str) -> None:
    assert one(("Ada", "ada@example.org"), ("A.Q.", rewritten)).key.startswith("ada")


@pytest.mark.parametrize(
    "hidden", ["ada.quill@xxxxxxx", "ada.quill@xxxxxx.xxx", "ada.qu...@example.org", "ada...@example.org"]
)
def test_a_hidden_address_is_its_names_person_where_what_is_visible_fits(hidden: str) -> None:
    person = one(("Jan", "ada.quill@example.org"), ("Jan", hidden))
    assert person.key == "ada.quill@example.org"
    assert why(person, ("Jan", hidden)) == "what is visible of the address fits, and the name"


def test_a_hidden_address_that_does_not_fit_or_fits_two_is_nobody_elses() -> None:
    assert count(("Jan", "ada.quill@example.org"), ("Jan", "ben@xxxxxx")) == 2
    assert count(("Jan", "ada@example.org"), ("Jan", "ada@example.com"), ("Jan", "ada@xxxxxx")) == 3
    assert count(("Ada", "ada.quill@example.org"), ("Ben", "ada.quill@xxxxxx")) == 2


def test_a_hidden_address_without_a_name_needs_host_and_six_letters() -> None:
    assert count(("Jan", "ada.quill@example.org"), ("", "ada.qu...@example.org")) == 1
    assert count(("Jan", "ada.quill@example.org"), ("", "ada...@example.org")) == 2


def test_the_mailmaps_forms_are_honoured() -> None:
    one_name = ("Ada Quill <ada@example.org>", ("aq", "ada@example.org"))
    one_address = ("<ada@example.org> <old@example.com>", ("aq", "old@example.com"))
    both = ("Ada Quill <ada@example.org> <OLD@example.com>", ("aq", "old@example.com"))
    for line, pair in (one_name, one_address, both):
        assert one(pair, ("Ada Q", "ada@example.org"), mailmap=f"# people\n\n{line} # why\n").key == "ada@example.org"
    assert one(one_name[1], ("Ada Q", "ada@example.org"), mailmap=one_name[0]).name == "Ada Quill"


def test_a_mailmap_can_tell_two_people_at_one_address_apart() -> None:
    text = "Ada Quill <ada@example.org> Ada <lab@example.org>\nBen Okafor <ben@example.org> Ben <lab@example.org>\n"
    found = merge([("Ada", "lab@example.org"), ("Ben", "lab@example.org")], text)
    assert {pair[0]: person.key for pair, person in found.items()} == {
        "Ada": "ada@example.org",
        "Ben": "ben@example.org",
    }
    assert found["Ada", "lab@example.org"].aliases == (("Ada", "lab@example.org", "the mailmap says so"),)


def test_an_override_goes_before_the_mailmap() -> None:
    pair = ("aq", "old@example.com")
    found = merge([pair], "<ada@example.org> <old@example.com>", "<ben@example.org> <old@example.com>")
    assert found[pair].key == "ben@example.org"
    assert found[pair].aliases[0][2] == "an override says so"


def test_an_override_holds_people_of_one_name_apart() -> None:
    pairs = [("Ada Quillfeather", "ada@example.org"), ("Ada Quillfeather", "ada@example.com")]
    assert count(*pairs) == 1
    assert count(*pairs, overrides="<ada@example.org> != <ada@example.com>") == 2


def test_held_apart_people_stay_apart_through_a_third_address() -> None:
    pairs = [("Ada Quillfeather", f"ada@{host}") for host in ("example.org", "example.com", "example.net")]
    found = merge(pairs, overrides="<ada@example.org> != <ada@example.com>")
    assert found[pairs[0]].key != found[pairs[1]].key


def test_lines_that_are_no_mailmap_are_ignored() -> None:
    assert parse_mailmap("nonsense\n<broken\n# <a@x> != <b@x>\n").entries == ()
    assert parse_mailmap("A <a@X> B <b@Y>").entries == (Entry("A", "a@x", "B", "b@y"),)


def test_the_most_frequent_spelling_is_shown() -> None:
    assert one(*[("quill", "ada@example.org")] * 3, ("Ada Quill", "ada@example.org")).name == "quill"
    assert one(("", "ada@example.org")).name == "ada@example.org"


@pytest.mark.parametrize(
    ("name", "plain", "via"),
    [
        ("'Ada Quill' via zed", "Ada Quill", True),
        ("Ada Quill via B4 Relay", "Ada Quill", True),
        ("Quill, Ada", "Ada Quill", False),
        ("Quill (Lab), Ada", "Ada Quill", False),
        ("Ada Quill, the second of her name", "Ada Quill, the second of her name", False),
        ("ada@example.org", "", False),
        ("Olivia Viaduct", "Olivia Viaduct", False),
    ],
)
def test_what_lists_and_mailers_add_to_a_name_is_cut(name: str, plain: str, via: bool) -> None:
    assert plain_name(name) == (plain, via)


def test_a_name_tells_a_person_by_two_words_of_which_one_is_not_common() -> None:
    assert telling(folded("Ada Quill")) and telling(folded("Wei Quillfeather"))
    assert not telling(folded("Quillfeather")) and not telling(folded("Wei Wang")) and not telling(folded("A Quill"))


def test_twenty_five_thousand_pairs_take_linear_time() -> None:
    pairs = [(f"Name{n % 9000} Surname{n % 7000}", f"user{n}@example.org") for n in range(25_000)]
    pairs += [("Ada", f"ada{n}@xxxxxx") for n in range(2_000)]
    begun = time.perf_counter()
    assert len(merge(pairs)) == 27_000
    assert time.perf_counter() - begun < 15


names = st.sampled_from(["Ada Quillfeather", "Jörg Großmann", "Joerg Grossmann", "Jan", "", "Jan via Zed", "Wei Wang"])
addresses = st.sampled_from(
    [
        "ada@example.org",
        "ada@example.com",
        "zed@example.org",
        "ada@xxxxxx",
        "ada...@example.org",
        "",
        "ada+x@example.org",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(names, addresses), max_size=12), st.randoms(use_true_random=False))
def test_every_pair_is_one_person_with_a_key_of_its_own_whatever_the_order(
    pairs: list[Pair], source: random.Random
) -> None:
    found = merge(pairs)
    shuffled = list(pairs)
    source.shuffle(shuffled)
    assert merge(shuffled) == found
    assert set(found) == set(pairs)
    people = set(found.values())
    assert len({person.key for person in people}) == len(people)
    assert sorted((name, address) for person in people for name, address, _ in person.aliases) == sorted(set(pairs))
    assert all(reason for person in people for _, _, reason in person.aliases)


@pytest.mark.parametrize(
    "pair",
    [
        ("via " * 20_000, "a@example.org"),
        ("(" * 50_000, "b@example.org"),
        ("Ada", "." * 60_000 + "x"),
        ("", "a=" * 40_000),
    ],
)
def test_hostile_names_and_addresses_take_no_time(pair: Pair) -> None:
    begun = time.perf_counter()
    assert len(merge([pair, ("Ada", "ada@example.org")])) == 2
    assert time.perf_counter() - begun < 2
