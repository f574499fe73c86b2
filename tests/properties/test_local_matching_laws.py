from __future__ import annotations

from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from backupkit.matching import Selector, glob, selects, wildcards

# Few letters, so that patterns and texts meet often; no `?` and `[`, which mean something to fnmatch alone.
PARTS = st.text(alphabet="abA:/-.", max_size=5)
TEXTS = st.text(alphabet="abA:/-.", max_size=10)
PATTERNS = st.lists(PARTS, min_size=1, max_size=4).map("*".join)
KEYS = st.sampled_from(["env", "team", "Env"])
VALUES = st.sampled_from(["prod", "test", "Prod", "", "prod-eu"])
TAGS = st.dictionaries(KEYS, VALUES)
CONDITIONS = st.tuples(
    st.sampled_from(["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]),
    KEYS.map("aws:ResourceTag/".__add__) | KEYS,
    VALUES | st.sampled_from(["prod*", "*", "*d"]),
)
SELECTORS = st.builds(
    Selector,
    st.lists(PATTERNS, max_size=3).map(tuple),
    st.lists(PATTERNS, max_size=2).map(tuple),
    st.lists(st.tuples(KEYS, VALUES), max_size=2).map(tuple),
    st.lists(CONDITIONS, max_size=2).map(tuple),
    wildcard_anywhere=st.booleans(),
    missing_tag_differs=st.booleans(),
)


@given(PATTERNS, TEXTS)
def test_wildcards_match_as_a_naive_reference_does(pattern: str, text: str) -> None:
    """``*`` stands for anything anywhere, and case counts."""
    assert glob(pattern)(text) is fnmatchcase(text, pattern)


@given(st.text(alphabet="ab*?", max_size=8), st.text(alphabet="ab*?\n", max_size=12))
def test_wildcards_of_iam_match_as_a_naive_reference_does(pattern: str, text: str) -> None:
    """``*`` stands for anything and ``?`` for one letter, of any kind."""
    assert wildcards(pattern)(text) is fnmatchcase(text, pattern)


@given(st.text(alphabet="ab?[]!.", max_size=6), st.text(alphabet="ab?[]!.", max_size=6))
def test_only_the_star_is_special(pattern: str, text: str) -> None:
    """``?``, brackets and dots stand for themselves."""
    assert glob(pattern)(text) is (pattern == text)


@given(SELECTORS, TEXTS, TAGS)
def test_not_resources_always_wins(selector: Selector, arn: str, tags: dict[str, str]) -> None:
    """A resource that NotResources names is never selected."""
    out = Selector(selector.resources, (*selector.not_resources, arn), selector.tags, selector.conditions)
    assert not out.selects(arn, tags)


@given(SELECTORS, CONDITIONS, TEXTS, TAGS)
def test_a_condition_never_widens(
    selector: Selector, condition: tuple[str, str, str], arn: str, tags: dict[str, str]
) -> None:
    """What one more condition selects was selected before."""
    narrower = Selector(
        selector.resources,
        selector.not_resources,
        selector.tags,
        (*selector.conditions, condition),
        wildcard_anywhere=selector.wildcard_anywhere,
        missing_tag_differs=selector.missing_tag_differs,
    )
    assert selector.selects(arn, tags) or not narrower.selects(arn, tags)


@given(SELECTORS, PATTERNS, st.tuples(KEYS, VALUES), TEXTS, TAGS)
def test_a_resource_or_tag_never_narrows(
    selector: Selector, pattern: str, tag: tuple[str, str], arn: str, tags: dict[str, str]
) -> None:
    """What was selected stays so when a resource and a tag are added: they are alternatives."""
    wider = Selector(
        (*selector.resources, pattern),
        selector.not_resources,
        (*selector.tags, tag),
        selector.conditions,
        wildcard_anywhere=selector.wildcard_anywhere,
        missing_tag_differs=selector.missing_tag_differs,
    )
    assert wider.selects(arn, tags) or not selector.selects(arn, tags)


@given(TEXTS, TAGS, st.lists(CONDITIONS, max_size=3))
def test_conditions_alone_select_nothing(
    arn: str, tags: dict[str, str], conditions: list[tuple[str, str, str]]
) -> None:
    """Without resources and tags there is nothing for conditions to narrow."""
    assert not selects(arn, tags, conditions=conditions)


@given(SELECTORS, TEXTS, TAGS)
def test_a_selection_is_its_formula(selector: Selector, arn: str, tags: dict[str, str]) -> None:
    """(Resources OR ListOfTags) AND Conditions AND NOT NotResources, each part asked by itself."""
    flags = {"wildcard_anywhere": selector.wildcard_anywhere, "missing_tag_differs": selector.missing_tag_differs}
    by_arn = Selector(selector.resources, **flags).selects(arn, tags)
    by_tag = Selector((), (), selector.tags, **flags).selects(arn, tags)
    held = Selector(("*",), (), (), selector.conditions, **flags).selects(arn, tags)
    left_out = Selector(selector.not_resources, **flags).selects(arn, tags)
    assert selector.selects(arn, tags) is ((by_arn or by_tag) and held and not left_out)
