"""How Sphinx builds these pages: ``sphinx-build -W docs docs/_build``."""

from sphinx.application import Sphinx

project = "backupkit"
author = "The backupkit authors"
copyright = "2026 The backupkit authors"
extensions = [
    "myst_parser",
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


def _without_module_docstring(
    _app: Sphinx, what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Leave out what a module says of itself: the page says it to its reader."""
    if what == "module":
        lines.clear()


def _without_sentinels(
    _app: Sphinx, _what: str, _name: str, _obj: object, _options: object, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    """Write ... for a default that attrs makes anew for each value."""
    return (signature.replace("= NOTHING", "= ...") if signature else signature), returns


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _without_module_docstring)
    app.connect("autodoc-process-signature", _without_sentinels)
