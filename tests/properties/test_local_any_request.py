"""Any request that the model allows, and many that it does not, against services in which much has happened."""

from __future__ import annotations

import importlib.util
import json
import pickle
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backupkit import errors
from backupkit.emulator import LocalService
from backupkit.emulator.kernel import shapes

MODEL = shapes.model()
STORIES = sorted((Path(__file__).parents[1] / "contract").glob("story_*.py"))
ARN = re.compile(r"arn:aws[^\"\\ ]*")
ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
MOMENTS = st.one_of(
    st.datetimes(datetime(2025, 12, 1), datetime(2026, 6, 1), timezones=st.just(UTC)),
    st.sampled_from([datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]),
)
ODD = [
    "",
    " ",
    "*",
    "prod",
    "-",
    "ä",
    "\n",
    "{}",
    "[]",
    "true",
    "cron(0 5 ? * * *)",
    "rate(1 day)",
    "AWS::EC2::Volume",
    "1",
]
READS = ("Describe", "Export", "Get", "List")
COUNTS = st.one_of(st.integers(-2, 3), st.sampled_from([0, 1, 7, 35, 90, 100, 1000, 36500, 36501, 2**31, 2**63]))


class Played:
    """A service after one story, with every name, id and ARN that its answers held."""

    def __init__(self, path):
        self.service = LocalService()
        self.words = set()
        spec = importlib.util.spec_from_file_location(path.stem, path)
        story = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(story)
        story.play(self)
        # What is called may change much; each example begins where the story ended.
        self.state = self.service.save_state()

    def __call__(self, operation, **params):
        body = self.service.call(operation, params)
        text = body.decode() + json.dumps(params, default=str)
        self.words |= {*ARN.findall(text), *ID.findall(text)}
        self.words |= {value for name, value in params.items() if name.endswith(("Name", "Id")) and value}
        return json.loads(body)


@cache
def played(path):
    return Played(path)


def values(shape, words, depth=0):
    """Values of a shape: mostly what fits, made of words that the service knows."""
    match shape.type_name:
        case "structure":
            parts = {name: values(member, words, depth + 1) for name, member in shape.members.items()}
            required = {name: parts.pop(name) for name in shape.required_members}
            return st.fixed_dictionaries(required, optional=parts)
        case "list":
            return st.lists(values(shape.member, words, depth + 1), min_size=shape.metadata.get("min", 0), max_size=2)
        case "map":
            return st.dictionaries(values(shape.key, words), values(shape.value, words), max_size=2)
        case "timestamp":
            return MOMENTS
        case "integer" | "long" | "double" | "float":
            return COUNTS
        case "boolean":
            return st.booleans()
    known = st.sampled_from([*sorted(words), *ODD])
    enum = shape.metadata.get("enum")
    return st.one_of(st.sampled_from(enum), st.sampled_from(enum), known) if enum else known


@pytest.mark.parametrize("operation", sorted(shapes.operation_names()))
@given(data=st.data())
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
def test_every_request_gets_an_answer_or_a_refusal(operation, data):
    """Nothing but an answer that fits the model, a refusal with a code that the model has for the operation, or an
    error that names what was wrong; and what is refused, or only read, has changed nothing.
    """
    stage = played(data.draw(st.sampled_from(STORIES)))
    service = stage.service
    service.load_state(stage.state)
    shape = MODEL.operation_model(operation).input_shape
    for _ in range(3):
        asked = data.draw(values(shape, stage.words)) if shape is not None else {}
        before = kept(service)
        code = None
        try:
            answer = json.loads(service.call(operation, asked))
        except errors.ServiceError as refused:
            code = refused.code
        except (errors.InvalidValueError, errors.NotEmulatedError):
            assert kept(service) == before
        else:
            assert shapes.output_check(operation)(answer) is None
            assert not operation.startswith(READS) or kept(service) == before
        if code is not None:
            named = {error.name for error in MODEL.operation_model(operation).error_shapes}
            assert code in {"AccessDeniedException", *named}
            assert kept(service) == before
    service.clock.advance(days=2)


def kept(service):
    """All that the service keeps, as bytes, but for the number of requests that were answered."""
    cloud = service.simulation
    state = cloud.scopes, cloud.accounts, cloud.agenda, cloud.random.getstate(), cloud.serial, cloud.faults
    return pickle.dumps((state, cloud.world.remember()))
