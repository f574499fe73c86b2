"""The calls that make the tags of a vault or plan what they should be."""

from __future__ import annotations

from collections.abc import Mapping

from backupkit.provider.change import Call

__all__ = ["tag_calls"]


def tag_calls(arn: str, old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Call, ...]:
    """None, one or two calls. Tags that AWS keeps for itself are left alone."""
    put = {key: value for key, value in sorted(new.items()) if old.get(key) != value}
    dropped = sorted(key for key in old if key not in new and not key.lower().startswith("aws:"))
    calls: list[Call] = []
    if put:
        calls.append(Call("TagResource", {"ResourceArn": arn, "Tags": put}))
    if dropped:
        calls.append(Call("UntagResource", {"ResourceArn": arn, "TagKeyList": dropped}))
    return tuple(calls)
