"""The floors that import-linter keeps have no gaps: no exceptions, and no room that nobody watches."""

import tomllib
from pathlib import Path

import pytest

import backupkit

PACKAGE = Path(backupkit.__file__).parent
PYPROJECT = PACKAGE.parent / "pyproject.toml"
# The command line uses public names alone, and the table of these names the emulator.
KNOW_THE_EMULATOR = {"__init__", "__main__", "_local", "cli", "emulator", "pytest_plugin", "tour"}

if not PYPROJECT.exists():
    pytest.skip("the contracts stand in the checkout", allow_module_level=True)

LINTER = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]
CONTRACTS = LINTER["contracts"]


def test_no_contract_has_an_exception():
    """The floors can be believed: an import that goes up is moved, also inside a function or for type checkers alone."""
    assert LINTER["exclude_type_checking_imports"] is False
    assert [contract["name"] for contract in CONTRACTS if contract.get("ignore_imports")] == []
    assert all(contract["exhaustive"] for contract in CONTRACTS if contract["type"] == "layers")


def test_a_new_room_may_not_know_the_emulator_unless_it_is_said_here():
    """A process that runs against AWS never loads the emulator, whatever room a later version adds."""
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    (forbidden,) = (contract for contract in CONTRACTS if contract["type"] == "forbidden")
    watched = {name.removeprefix("backupkit.") for name in forbidden["source_modules"]}
    assert watched == rooms - KNOW_THE_EMULATOR
