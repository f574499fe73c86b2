"""Alarms of CloudWatch."""

from __future__ import annotations

from collections.abc import Iterator

from backupkit.declare.alarm import QUERY_SECONDS, Alarm
from backupkit.provider.answers import Document, entries, needed, text, texts
from backupkit.provider.change import Call, Leaf
from backupkit.provider.forms import Form
from backupkit.provider.kinds.kind import Kind
from backupkit.provider.kinds.observed import Observed, World, vault_addresses
from backupkit.provider.kinds.reader import Reader
from backupkit.transport.protocol import Value

__all__ = ["ALARM"]

_NAMESPACE = "AWS/Backup"
_KEPT = ("ActionsEnabled", "AlarmDescription", "OKActions", "InsufficientDataActions")
"""What PutMetricAlarm would reset where an update leaves it out."""
_PLAIN = {
    "MetricName": "metric",
    "Statistic": "statistic",
    "ComparisonOperator": "comparison",
    "Threshold": "threshold",
    "Period": "period_seconds",
    "EvaluationPeriods": "periods",
    "TreatMissingData": "missing",
}


def _reading(reader: Reader, name: str) -> Document | None:
    params = {"AlarmNames": [name], "AlarmTypes": ["MetricAlarm"]}
    answer: Document = reader.ask("cloudwatch", "describe_alarms", params)
    return next(iter(entries(answer, "MetricAlarms")), None)


def _document(alarm: Alarm) -> dict[str, Value]:
    found: dict[str, Value] = {
        "AlarmName": alarm.name,
        "AlarmActions": sorted(alarm.topics),
        "ComparisonOperator": alarm.comparison,
        "Threshold": alarm.threshold,
        "EvaluationPeriods": alarm.periods,
        "TreatMissingData": alarm.missing,
    }
    if alarm.vault is None and alarm.window_seconds <= QUERY_SECONDS:
        query = f'SELECT SUM({alarm.metric}) FROM SCHEMA("{_NAMESPACE}", BackupVaultName)'  # noqa: S608 - a known metric
        metric: Value = {"Id": "q1", "Expression": query, "Period": alarm.period_seconds, "ReturnData": True}
        return {**found, "Metrics": [metric]}
    dimensions: list[Value] = [] if alarm.vault is None else [{"Name": "BackupVaultName", "Value": alarm.vault}]
    return {
        **found,
        "Namespace": _NAMESPACE,
        "MetricName": alarm.metric,
        "Statistic": "Sum",
        "Period": alarm.period_seconds,
        "Dimensions": dimensions,
    }


def _form(found: Document, _: Document | None) -> Form:
    leaves: dict[str, Leaf] = {}
    topics = texts(found, "AlarmActions")
    if topics:
        leaves["topics"] = topics
    for member, path in _PLAIN.items():
        value = found.get(member)
        if isinstance(value, str | int | float) and value != "":
            leaves[path] = int(value) if isinstance(value, float) and value.is_integer() else value
    for each in entries(found, "Metrics"):
        leaves["query"] = text(each, "Expression")
        period = each.get("Period")
        leaves["period_seconds"] = period if isinstance(period, int) else 0
    for each in entries(found, "Dimensions"):
        leaves["vault" if text(each, "Name") == "BackupVaultName" else f"dimension.{text(each, 'Name')}"] = needed(
            each, "Value"
        )
    return Form(leaves)


def _creating(_: World, alarm: Alarm) -> Iterator[Call]:
    yield Call("put_metric_alarm", _document(alarm), service="cloudwatch")


def _updating(_: World, alarm: Alarm, seen: Observed) -> Iterator[Call]:
    kept: dict[str, Value] = {}
    for member in _KEPT:
        value = seen.document.get(member)
        if isinstance(value, bool | str):
            kept[member] = value
        elif isinstance(value, list):
            kept[member] = [str(each) for each in value]
    yield Call("put_metric_alarm", {**kept, **_document(alarm)}, service="cloudwatch")


ALARM = Kind(
    cls=Alarm,
    service="cloudwatch",
    id="AlarmName",
    arn="AlarmArn",
    document=_document,
    form=_form,
    reading=_reading,
    creating=_creating,
    updating=_updating,
    needs=lambda alarm: () if alarm.vault is None else vault_addresses((alarm.vault,)),
)
