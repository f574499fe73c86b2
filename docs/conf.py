"""How Sphinx builds these pages: ``sphinx-build -W docs docs/_build``."""

project = "backupkit"
author = "The backupkit authors"
copyright = "2026 The backupkit authors"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "backupkit"
myst_heading_anchors = 3
