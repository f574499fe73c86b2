"""How Sphinx builds these pages: ``sphinx-build -n -W docs docs/_build/html``."""

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

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


# Pages of others are not looked up while these are built, so that it works without a network.
nitpick_ignore_regex = [
    # The standard library.
    ("py:class", r"(collections\.abc|concurrent\.futures|datetime|pathlib|os|random|threading)\..+|datetime"),
    # boto3 and what its stubs name.
    ("py:class", r"boto3\.Session|BackupClient|EventBridgeClient"),
    # The extras `plots` and `tables`.
    ("py:class", r"(alt|pa|pd|pl)\..+"),
    # Strategies for tests of users.
    ("py:class", r"hypothesis\.strategies\..+"),
    # Aliases of types.
    ("py:class", r"Arns|VaultOrName|_Tested"),
    # Type variables, which stand for whatever is given.
    ("py:class", r"(backupkit\..+\.)?[A-Z](_co)?"),
]
# A constructor that takes one of these is called by the library only, so its class is shown without arguments.
_INTERNAL = re.compile(
    r"\b(Boto3Transport|Caller|CopyRoute|Output|PointTask|RecordForm|RegionVaults|ResourceType|Selector|Sent|Simulation|Source"
    r"|Subject|Way|Wish)\b"
)


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
    _app: Sphinx, what: str, _name: str, _obj: object, _options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write what a caller gives, without the marks that attrs and msgspec need."""
    # A protocol has no constructor to show.
    if what == "class" and signature and (signature == "(*args, **kwargs)" or _INTERNAL.search(signature)):
        return "", None
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


def _reference(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Element
) -> nodes.Element | None:
    """Find what an annotation names without its module: the one documented thing of that name."""
    objects = env.domains.python_domain.objects
    target = node.get("reftarget", "").removeprefix("declare.")
    names = [f"backupkit.{_RENAMED.get(target, target)}", *(name for name in objects if name.endswith(f".{target}"))]
    found = next((name for name in names if name in objects), None)
    if node.get("refdomain") != "py" or found is None or "." in target:
        return None
    place = objects[found]
    return make_refnode(app.builder, node["refdoc"], place.docname, place.node_id, content, found)


# The base of restore requests has a longer name outside of its module.
_RENAMED = {"Request": "restore.RestoreRequest"}


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _docstring)
    app.connect("autodoc-process-docstring", _property, priority=900)
    app.connect("autodoc-process-signature", _signature)
    app.connect("doctree-read", _doctree)
    app.connect("missing-reference", _reference)
