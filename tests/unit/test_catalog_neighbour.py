"""What the catalog says of neighbour services is held against botocore's own models of them."""

from __future__ import annotations

import re

import pytest
from botocore.session import Session

from backupkit.arn import Arn
from backupkit.catalog import TYPES
from backupkit.catalog.neighbour import arguments

LOOKS = [(name, look) for name, kind in TYPES.items() for look in kind.looks]
REMOVALS = [(name, kind.removal) for name, kind in TYPES.items() if kind.removal is not None]


def model(service, method):
    loaded = Session().get_service_model(service)
    from botocore import xform_name

    names = {xform_name(operation): operation for operation in loaded.operation_names}
    return loaded.operation_model(names[method])


@pytest.mark.parametrize(("name", "call"), LOOKS + REMOVALS)
def test_the_operation_and_its_arguments_are_the_services_own(name, call):
    """The operation exists, takes these arguments, and nothing that it requires is missing."""
    shape = model(call.service, call.method).input_shape
    assert set(call.arguments) <= set(shape.members)
    assert set(shape.required_members) - {"clientToken"} <= set(call.arguments)
    for argument, value in call.arguments.items():
        kind = shape.members[argument].type_name
        assert kind == {str: "string", tuple: "list", bool: "boolean"}[type(value)]


@pytest.mark.parametrize(("name", "look"), LOOKS)
def test_the_state_is_a_member_of_the_answer_and_its_values_are_known(name, look):
    """The path to the state is one of the answer's; where its values are listed, ours are among them."""
    if look.state == "'there'":
        return
    found = model(look.service, look.method).output_shape
    for word in re.findall(r"[A-Za-z]+", re.sub(r"\[\?[^]]*\]", "", look.state)):
        while found.type_name == "list":
            found = found.member
        assert word in found.members, (word, list(found.members))
        found = found.members[word]
    values = set(getattr(found, "enum", ()))
    if values:
        assert look.usable | look.gone_states <= values


def test_every_type_says_how_it_is_looked_for():
    """No type is left out, and every ARN shape of a type has its way, or shares that of another."""
    for name, kind in TYPES.items():
        assert kind.looks, name
        assert {shape.service for shape in kind.shapes} <= {look.shape.service for look in kind.looks}, name


def test_arguments_are_made_of_the_arn():
    """A table of Timestream is named by two parts of its ARN."""
    arn = Arn.parse("arn:aws:timestream:us-east-1:123456789012:database/db/table/t")
    assert arguments(TYPES["Timestream"].looks[0].arguments, arn) == {"DatabaseName": "db", "TableName": "t"}
