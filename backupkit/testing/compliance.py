"""Strategies for frameworks, report plans, settings of a Region, tiering configurations and legal holds."""

from __future__ import annotations

import string
from datetime import UTC, datetime

from hypothesis import strategies as st

from backupkit.declare.control_facts import CONTROLS, ControlFacts, Listing, Number, Words
from backupkit.declare.controls import Control, ControlScope
from backupkit.declare.framework import Framework
from backupkit.declare.legal_hold import LegalHold
from backupkit.declare.names import MAX_DAYS
from backupkit.declare.report_plan import TEMPLATES, ReportPlan
from backupkit.declare.settings import RegionSettings
from backupkit.declare.tiering import TieringConfiguration, TieringSelection
from backupkit.testing.arns import resource_arns
from backupkit.testing.building import built
from backupkit.testing.names import tags, vault_names

__all__ = [
    "controls",
    "frameworks",
    "legal_holds",
    "region_settings",
    "report_plans",
    "tiering_configurations",
]

_TYPES = ("DynamoDB", "EFS", "RDS", "S3")
_LISTS = {
    "principalArnList": st.from_regex(r"arn:aws:iam::[0-9]{12}:role/[a-z]{1,9}", fullmatch=True),
    "crossRegionList": st.sampled_from(("us-east-1", "eu-west-1", "ap-south-1")),
    "crossAccountList": st.from_regex("[0-9]{12}", fullmatch=True),
}
# ASCII: what a digit is elsewhere is none in the API.
_WORDS = st.text(string.ascii_letters + string.digits + " .,", min_size=1, max_size=40).filter(str.strip)


def _audit_names() -> st.SearchStrategy[str]:
    rest = st.text(string.ascii_letters + string.digits + "_", max_size=30)
    return st.builds(lambda first, others: f"{first}{others}", st.sampled_from(string.ascii_letters), rest)


def _values(name: str, rule: Number | Words | Listing) -> st.SearchStrategy[str]:
    if isinstance(rule, Number):
        return st.integers(rule.low, rule.high).map(str)
    if isinstance(rule, Words):
        return st.sampled_from(rule.allowed)
    return st.lists(_LISTS[name], min_size=1, max_size=min(rule.most, 3), unique=True).map(",".join)


def _parameters(facts: ControlFacts) -> st.SearchStrategy[dict[str, str]]:
    needed = {name: _values(name, facts.parameters[name]) for name in facts.required}
    free = {name: _values(name, rule) for name, rule in facts.parameters.items() if name not in needed}
    return st.fixed_dictionaries(needed, optional=free).filter(lambda given: not list(facts.conflicts(given)))


def _scopes(facts: ControlFacts) -> st.SearchStrategy[ControlScope | None]:
    types = (facts.type,) if facts.type else _TYPES
    found: list[st.SearchStrategy[ControlScope | None]] = [st.none()]
    if "types" in facts.scopes:
        some = st.lists(st.sampled_from(types), min_size=1, max_size=len(types), unique=True)
        found.append(st.builds(ControlScope, resource_types=some))
    if "tag" in facts.scopes:
        found.append(st.builds(ControlScope, tags=st.dictionaries(_WORDS, _WORDS, min_size=1, max_size=1)))
    if "resource" in facts.scopes:
        found.append(
            st.builds(
                ControlScope,
                resource_types=st.tuples(st.sampled_from(types)),
                resource_ids=st.tuples(_WORDS),
            )
        )
    return st.one_of(found)


def controls() -> st.SearchStrategy[Control]:
    """Each of the controls, with its parameters within their bounds, and the scopes that it takes."""

    def one(name: str) -> st.SearchStrategy[Control]:
        facts = CONTROLS[name]
        return st.builds(Control, st.just(name), _parameters(facts), scope=_scopes(facts))

    return st.sampled_from(sorted(CONTROLS)).flatmap(one)


def frameworks() -> st.SearchStrategy[Framework]:
    """Frameworks of a few controls, with room for the tags of a stack."""
    return st.builds(
        Framework,
        _audit_names(),
        controls=st.lists(controls(), min_size=1, max_size=4, unique=True),
        description=st.none() | _WORDS,
        tags=tags(40),
    )


@st.composite
def report_plans(draw: st.DrawFn) -> ReportPlan:
    """Report plans of every template, of one account and Region or of more; those of frameworks name none."""
    beyond = draw(st.booleans())
    wide = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "accounts": st.just(("ROOT",)) | st.from_regex("[0-9]{12}", fullmatch=True).map(lambda one: (one,)),
                "organization_units": st.just(("ou-ab12-cdef3456",)),
                "regions": st.sampled_from((("*",), ("us-east-1", "eu-west-1"))),
            },
        )
    )
    formats = ((), ("CSV",)) if beyond else ((), ("CSV",), ("JSON",), ("CSV", "JSON"))
    return built(
        draw,
        ReportPlan,
        draw(_audit_names()),
        template=draw(st.sampled_from(TEMPLATES)),
        bucket=draw(st.from_regex(r"[a-z0-9]{3,20}", fullmatch=True)),
        prefix=draw(st.none() | st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5})?", fullmatch=True)),
        formats=draw(st.sampled_from(formats)),
        description=draw(st.none() | _WORDS),
        tags=draw(tags(40)),
        **(wide if beyond else {}),
    )


def region_settings() -> st.SearchStrategy[RegionSettings]:
    """Settings of at least one resource type."""
    opt_in = st.dictionaries(st.sampled_from(_TYPES), st.booleans(), min_size=1)
    one = st.dictionaries(st.just("DynamoDB"), st.booleans())
    return st.builds(RegionSettings, opt_in=opt_in, management=one, incremental=one)


def tiering_configurations() -> st.SearchStrategy[TieringConfiguration]:
    """Tiering configurations of one vault or of all."""
    names = st.text(string.ascii_letters + string.digits + "_", min_size=1, max_size=30)
    days, bucket = st.integers(60, MAX_DAYS), st.from_regex(r"arn:aws:s3:::[a-z0-9]{3,20}", fullmatch=True)
    whole = days.map(lambda after: TieringSelection(after_days=after))
    some = st.builds(
        lambda after, arns: TieringSelection(after_days=after, resources=arns),
        days,
        st.lists(bucket, min_size=1, max_size=3, unique=True),
    )
    for_all = st.builds(
        TieringConfiguration, names, st.just("*"), selections=whole.map(lambda one: (one,)), tags=tags(40)
    )
    for_one = st.builds(
        TieringConfiguration,
        names,
        vault_names(),
        selections=st.lists(whole | some, min_size=1, max_size=3),
        tags=tags(40),
    )
    return for_one | for_all


def legal_holds(*, account_id: str | None = None, region_name: str | None = None) -> st.SearchStrategy[LegalHold]:
    """Legal holds on vaults or on resources, with and without a range of dates, all before the year 2025."""
    return _legal_holds(resource_arns(account_id=account_id, region_name=region_name))


@st.composite
def _legal_holds(draw: st.DrawFn, arns: st.SearchStrategy[str]) -> LegalHold:
    dates = st.datetimes(datetime(2016, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    first, second = sorted((draw(dates), draw(dates)))
    of_vaults, ranged = draw(st.booleans()), draw(st.booleans())
    return built(
        draw,
        LegalHold,
        draw(_WORDS),
        draw(_WORDS),
        vaults=draw(st.lists(vault_names(), min_size=1, max_size=3, unique=True)) if of_vaults else (),
        resources=() if of_vaults else draw(st.lists(arns, min_size=1, max_size=3, unique=True)),
        from_date=first if ranged else None,
        to_date=second if ranged else None,
        tags=draw(tags(40)),
    )
