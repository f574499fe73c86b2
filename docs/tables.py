"""Writes the tables of operations and choices: ``python docs/tables.py``. A test holds them against the code."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import attrs

from backupkit.local import choices as choices_room
from backupkit.local.choices import Choices
from backupkit.local.operations import OPERATIONS
from backupkit.local.shapes import operation_names

PAGES = [Path(__file__).parent / name for name in ("operations.md", "choices.md")]


def filled(page: str) -> str:
    """The page with its tables as the code has them."""
    for name, table in (("operations", operations()), ("choices", choices())):
        pattern = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
        page = re.sub(pattern, lambda found, text=table: f"{found[1]}\n{text}\n{found[2]}", page, flags=re.DOTALL)
    return page


def operations() -> str:
    """Every operation of AWS Backup: whether the local service has it, what is missing of it, and who says so."""
    rows = [_operation(name) for name in sorted(operation_names())]
    return "\n".join(
        ["| Operation | Here | What AWS does and the local service does not | Source |", "|---|---|---|---|", *rows]
    )


def _operation(name: str) -> str:
    found = OPERATIONS.get(name)
    if found is None:
        return f"| `{name}` | no | all of it | |"
    return f"| `{name}` | {'in part' if found.lacks else 'in full'} | {found.lacks} | {found.source} |"


def choices() -> str:
    """Every choice, with its default and its sentence."""
    says = _sentences()
    rows = [f"| `{each.name}` | {each.default} | {says[each.name]} |" for each in attrs.fields(Choices)]
    return "\n".join(["| Choice | Default | What it says |", "|---|---|---|", *rows])


def _sentences() -> dict[str, str]:
    """The texts that stand under the fields of `Choices`."""
    [made] = [node for node in ast.parse(inspect.getsource(choices_room)).body if isinstance(node, ast.ClassDef)]
    found = {}
    for field, below in zip(made.body, made.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                found[name] = " ".join(text.split())
    return found


def main() -> None:
    """Bring the pages up to date."""
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
