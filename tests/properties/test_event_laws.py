"""Laws of events: nothing that arrives is lost or raises, wrapping changes nothing, and a pattern means what `parse` says."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

import backupkit as bk
from backupkit.observe import JOB_STATES, REASONS, RecoveryPointStatus

KINDS = ("backup", "copy", "restore", "scan", "recovery_point", "index", "vault", "plan", "region_settings")
DETAIL_TYPES = {kind: bk.events.pattern(kind)["detail-type"][0] for kind in KINDS}
STATES = {
    **{kind: JOB_STATES[kind] for kind in ("backup", "copy", "scan")},
    "restore": ("CREATED", *JOB_STATES["restore"]),
    "recovery_point": tuple(RecoveryPointStatus),
    "index": ("ACTIVE", "DELETED", "FAILED"),
    "vault": ("CREATED", "MODIFIED", "DELETED"),
    "plan": ("CREATED", "MODIFIED", "DELETED"),
    "region_settings": ("MODIFIED",),
}

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3))  # fmt: skip
words = st.sampled_from([
    "detail-type", "detail", "resources", "Message", "MessageAttributes", "TopicArn", "Sns", "body", "Body", "Records",
    "Messages", "state", "status", "Timestamp", "time", "messageAttributes", "createdBy", "scanResult", "statusMessage",
    "EventType", "backupSizeInBytes", "creationDate", "isEncrypted", "ResourceTypeOptInPreference",
])  # fmt: skip
told = st.sampled_from([*DETAIL_TYPES.values(), *(state for states in STATES.values() for state in states)])
looks_like_one = st.recursive(
    scalars | told, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=8), max_leaves=20
)


@given(st.dictionaries(st.text(max_size=8) | words, anything | looks_like_one, max_size=8))
def test_any_map_is_read_and_none_raises(event):
    """A handler that dies of one odd message loses the batch; what cannot be read comes back whole."""
    for read in bk.events.parse_all(event):
        assert isinstance(read, bk.events.Event)
        assert read.state is None or isinstance(read.state, str)
        repr(read)
        hash(read)
        if isinstance(read, bk.events.JobEvent):
            assert read.reason is None or read.reason in REASONS


@st.composite
def real_ones(draw):
    """An event of the guide's form, in one of its kind's states."""
    kind = draw(st.sampled_from(KINDS))
    state = draw(st.sampled_from(STATES[kind]))
    member = {"restore": "status", "recovery_point": "status", "index": "indexStatus"}.get(kind, "state")
    if (kind, state) == ("restore", "CREATED"):
        member = "state"
    return kind, str(state), {
        "source": "aws.backup", "detail-type": DETAIL_TYPES[kind], "account": "123456789012", "region": "eu-west-1",
        "resources": draw(st.lists(st.just("arn:aws:backup:eu-west-1:123456789012:recovery-point:1"), max_size=1)),
        "detail": {member: str(state), "iamRoleArn": "arn:aws:iam::123456789012:role/r"},
    }  # fmt: skip


def matches(pattern, value):
    """Whether EventBridge would call a rule with this pattern: lists are alternatives, and ``$or`` is one of its parts."""
    for name, wanted in pattern.items():
        if name == "$or":
            if not any(matches(part, value) for part in wanted):
                return False
        elif isinstance(wanted, dict):
            if not isinstance(value.get(name), dict) or not matches(wanted, value[name]):
                return False
        elif value.get(name) not in wanted:
            return False
    return True


@given(st.data(), real_ones())
def test_a_pattern_matches_what_is_read_as_its_kind_in_its_states(data, real):
    """A rule and its handler agree: the pattern lets through the events that `parse` calls by the same words."""
    kind, state, event = real
    wanted = data.draw(st.sampled_from(KINDS))
    states = data.draw(st.lists(st.sampled_from(STATES[wanted]), min_size=1, unique=True) | st.none())
    read = bk.events.parse(event)
    assert (read.kind, read.state) == (kind, state)
    meant = read.kind == wanted and (states is None or read.state in states)
    assert matches(json.loads(json.dumps(bk.events.pattern(wanted, state=states))), event) == meant


@given(real_ones(), st.lists(st.sampled_from(["sns", "sqs", "record"]), max_size=3))
def test_wrapping_changes_nothing(real, wrappings):
    """A topic, a queue and a batch carry the event, and are not part of it."""
    _, _, event = real
    wrapped = event
    for wrapping in wrappings:
        text = json.dumps(wrapped)
        if wrapping == "sns":
            wrapped = {"Type": "Notification", "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t", "Message": text}
        elif wrapping == "sqs":
            wrapped = {"eventSource": "aws:sqs", "body": text}
    assert bk.events.parse_all({"Records": [wrapped]}) == bk.events.parse_all([wrapped]) == (bk.events.parse(event),)
