"""How Sphinx builds these pages: ``sphinx-build -W docs docs/_build``."""

import re

from docutils import nodes
from sphinx.application import Sphinx

project = "backupkit"
author = "The backupkit authors"
copyright = "2026 The backupkit authors"
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
# Docstrings write code in single backticks, as these pages do.
default_role = "code"

html_theme = "furo"
html_title = "backupkit"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"navigation_with_keys": True}
html_copy_source = False
html_show_sourcelink = False

myst_heading_anchors = 3
# Notebooks have their outputs with them; `poe notebook` makes them.
nb_execution_mode = "off"

add_module_names = False
autodoc_default_options = {"members": True, "exclude-members": "FORMS, KIND, RestorePreview"}
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
napoleon_use_rtype = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"
# Two records of AWS carry the names of declared values; annotations say only the name.
suppress_warnings = ["ref.python"]

# Prompts and what is printed are not copied.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True


def _docstring(_app: Sphinx, what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Leave out what a module says of itself: the page says it to its reader."""
    if what == "module":
        lines.clear()


def _property(_app: Sphinx, what: str, _name: str, _obj: object, _options: object, lines: list[str]) -> None:
    """Put a sentence together again that napoleon took apart: what stands before its colon is not a type."""
    found = [line for line in lines if line.startswith(":type: ")]
    if what in {"attribute", "property"} and found:
        lines.remove(found[0])
        lines[0] = f"{found[0].removeprefix(':type: ')}: {lines[0]}"


def _signature(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write what a caller gives, without the marks that attrs and msgspec need."""
    for mark, written in _MARKS:
        signature = mark.sub(written, signature) if signature else signature
    return signature, returns


_MARKS = (
    (re.compile(r"~?(?:[\w.]+\.)?Annotated\[(~?[\w.]+), [^\]]*\]"), r"\1"),
    (re.compile(r" ?= ?(?:NOTHING|<factory>)"), " = ..."),
    (re.compile(r", _aws: [^,)]*"), ""),
)


def _doctree(_app: Sphinx, doctree: nodes.document) -> None:
    """Strip the blank line that ends what a session prints."""
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip("\n")
        block[:] = [nodes.Text(text)]
        block.rawsource = text


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-docstring", _property, priority=900)
    app.connect("autodoc-process-signature", _signature)
    app.connect("doctree-read", _doctree)
