"""Writes the tables of operations, choices and restore metadata: ``python docs/tables.py``; a test holds them."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import attrs

from backupkit import restore
from backupkit.catalog import TYPES, MetadataKey, Request, RestoreForm, Send
from backupkit.catalog.naming import alternatives
from backupkit.catalog.request import fields
from backupkit.emulator.kernel import behavior as choices_room
from backupkit.emulator.kernel.behavior import Choices
from backupkit.emulator.kernel.shapes import operation_names
from backupkit.emulator.wiring import OPERATIONS
from backupkit.insight.coverage_table import COVERAGE
from backupkit.provider.change_table import CHANGES
from backupkit.provider.drift import DRIFT
from backupkit.recover.job_table import JOBS
from backupkit.recover.orphans import SOURCES
from backupkit.recover.point_table import POINTS
from backupkit.recover.point_work_tables import POINT_OUTCOMES, point_changes_form
from backupkit.restore_testing.evidence_table import EVIDENCE, RESOURCES
from backupkit.tables import ColumnType
from backupkit.tables.forms import PLANS, PROTECTED_RESOURCES, VAULTS

PAGES = [Path(__file__).parent / name for name in ("operations.md", "choices.md", "restore-keys.md", "columns.md")]


def filled(page: str) -> str:
    """The page with its tables as the code has them."""
    tables = (
        ("operations", operations()),
        ("choices", choices()),
        ("restore keys", restore_keys()),
        ("columns", columns()),
    )
    for name, table in tables:
        pattern = rf"(<!-- {name} -->\n).*?(\n<!-- end -->)"
        page = re.sub(pattern, lambda found, text=table: f"{found[1]}\n{text}\n{found[2]}", page, flags=re.DOTALL)
    return page


def columns() -> str:
    """Every column of every table, with its type."""
    parts = []
    for title, form in FORMS.items():
        rows = [f"| `{column.name}` | {_TYPES[column.type]} | {column.about} |" for column in form.columns]
        parts.append("\n".join([f"## {title}", "", "| Column | Type | What it holds |", "|---|---|---|", *rows]))
    return "\n\n".join(parts)


FORMS = {
    "Recovery points": POINTS,
    "Jobs of all kinds": JOBS,
    "Vaults": VAULTS,
    "Plans": PLANS,
    "Protected resources": PROTECTED_RESOURCES,
    "Changes of a stack": CHANGES,
    "Drift of a stack": DRIFT,
    "Previews of bulk work": point_changes_form("delete"),
    "Reports of bulk work": POINT_OUTCOMES,
    "Sources of orphans": SOURCES,
    "Coverage": COVERAGE,
    "Evidence of restore tests": EVIDENCE,
    "Evidence by resource": RESOURCES,
}
_TYPES = {
    ColumnType.TEXT: "text",
    ColumnType.CATEGORY: "category",
    ColumnType.COUNT: "int64",
    ColumnType.NUMBER: "double",
    ColumnType.FLAG: "bool",
    ColumnType.MOMENT: "moment, UTC",
}


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
    return f"| `{name}` | {'partly' if found.missing else 'yes'} | {found.missing} | {found.source} |"


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


def restore_keys() -> str:
    """Every key of restore metadata, by type and form, with the requests that send it."""
    return "\n\n".join(_type_keys(name) for name in sorted(TYPES) if TYPES[name].restore_forms)


def _type_keys(name: str) -> str:
    kind = TYPES[name]
    others = ", ".join(sorted(kind.restored_as))
    parts = [f"## {name}"]
    if others:
        parts.append(f"Its points take requests of {others}, too.")
    parts.extend(_form_keys(name, form) for form in kind.restore_forms)
    return "\n\n".join(parts)


def _form_keys(name: str, form: RestoreForm) -> str:
    classes = [each for each in _requests() if each.KIND.name == name]
    users = [each for each in classes if form.name in {one.name for one in each.FORMS}]
    called = ", ".join(f"`restore.{each.__name__}`" for each in users) or "`restore.Raw`"
    says = [f"{called}. Source: {form.source}."]
    if form.when:
        says.append("Meant where " + ", ".join(f"`{key}` is {value}" for key, value in form.when.items()) + ".")
    if form.adds:
        says.append("It adds to what is there.")
    if form.overwrites:
        says.append("It **overwrites** what is there.")
    head = "| Key | Field | Written as | Needed | Takes | The point's own value | Seen in use |"
    rows = [_key_row(key, users) for key in form.keys]
    title = form.name[0].upper() + form.name[1:]
    return "\n".join([f"### {name}: {title}", "", " ".join(says), "", head, "|---|---|---|---|---|---|---|", *rows])


def _requests() -> list[type[Request]]:
    found = (getattr(restore, name) for name in restore.__all__)
    return [each for each in found if isinstance(each, type) and issubclass(each, Request)]


def _key_row(key: MetadataKey, users: list[type[Request]]) -> str:
    names = {field for cls in users for field, name in fields(cls) if key.fits(name)}
    cells = [
        f"`{key.name}`" + (" (secret)" if key.secret else ""),
        ", ".join(f"`{name}`" for name in sorted(names)),
        str(key.encoding),
        _needed(key),
        _takes(key),
        _own_value(key),
        "yes" if key.seen else "no",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _needed(key: MetadataKey) -> str:
    said = ["yes"] if key.required else []
    said += [f"for {each}" for each in sorted(key.required_for)]
    said += [f"with `{other}` {_values(value)}" for other, value in key.required_with.items()]
    said += [f"without {' and '.join(f'`{name}`' for name in key.required_without)}"] if key.required_without else []
    default = {"<new token>": "a new token"}.get(key.default or "", key.default)
    if key.default is not None:
        said.append(f"default {default}")
    return ", ".join(said)


def _takes(key: MetadataKey) -> str:
    said = [", ".join(key.values)] if key.values else []
    if key.pattern is not None:
        said.append(key.pattern.words)
    if key.minimum is not None or key.maximum is not None:
        said.append(key.span)
    said += [f"with the member `{member}`" for member in key.required_members]
    said += [f"only with `{other}` {_values(value)}" for other, value in key.goes_with.items()]
    said += [
        f"not with `{other}`" + ("" if value == "*" else f" {_values(value)}")
        for other, value in key.excluded_by.items()
    ]
    said += [f"not for {each}" for each in sorted(key.not_for)]
    return "; ".join(said)


def _values(value: str | tuple[str, ...]) -> str:
    return alternatives([value] if isinstance(value, str) else [*value])


def _own_value(key: MetadataKey) -> str:
    if key.returned is False:
        return ""
    said = {
        Send.KEEP: "sent back",
        Send.REPLACE: "replaced",
        Send.STRIP: "dropped: a job fails with it" if key.fails else "dropped",
    }[key.send]
    if key.strip_for:
        said += f", dropped for {', '.join(sorted(key.strip_for))}"
    return said if key.returned else f"{said}, where there is one"


def main() -> None:
    """Bring the pages up to date."""
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
