"""Displays in a real browser: readable in every theme, and no wider than a phone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape, unescape

import pytest

from backupkit.display import Facts, Notes, Rows, html

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine"),
]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=2000",
    "--dump-dom",
]
# What JupyterLab's own themes set.
JUPYTER_DARK = (
    'data-jp-theme-light="false" style="--jp-layout-color0:#111;--jp-content-font-color1:rgba(255,255,255,.87);'
    '--jp-border-color2:#424242"'
)
JUPYTER_LIGHT = (
    'data-jp-theme-light="true" style="--jp-layout-color0:#fff;--jp-content-font-color1:rgba(0,0,0,.87);'
    '--jp-border-color2:#e0e0e0"'
)
PAGES = {
    "plain": ("", None),
    "JupyterLab, dark": (JUPYTER_DARK, True),
    "JupyterLab, light": (JUPYTER_LIGHT, False),
    "VS Code, dark": ('class="vscode-dark"', True),
    "VS Code, light": ('class="vscode-light"', False),
    "a site, dark": ('data-theme="dark"', True),
    "a site, light": ('data-theme="light"', False),
}
ARN = "arn:aws:backup:us-east-1:123456789012:recovery-point:e3e70682-c209-4cac-a29f-6fbed82c07cd"
SHOWN = html(
    Facts("What there is", [("point", ARN)]),
    Rows(
        ("state", "point", "when", "why"),
        [(kind, ARN, "2026-01-01 05:00:00 UTC", "a sentence of some length, as AWS says them") for kind in "abc"],
        total=100,
        kinds=("good", "bad", "doubtful"),
    ),
    Notes("Warnings", ["this is a warning that is longer than a phone is wide, as most of them are"]),
)
MEASURE = """
onload = () => {
const seen = {};
for (const frame of document.querySelectorAll('iframe')) {
  const page = frame.contentDocument, view = frame.contentWindow;
  const colour = name => view.getComputedStyle(page.querySelector(name)).color;
  seen[frame.name] = {
    back: view.getComputedStyle(page.querySelector('.backupkit')).backgroundColor,
    texts: ['.backupkit', 'h4', 'th', '.more', 'tr.good td', 'tr.bad td', 'tr.doubtful td'].map(colour),
    wide: page.documentElement.scrollWidth,
  };
}
document.body.innerHTML = '<pre></pre>';
document.querySelector('pre').textContent = JSON.stringify(seen);
}
"""


@pytest.fixture(scope="module", params=["dark", "light"])
def seen(request, tmp_path_factory):
    """What a browser makes of a display on each kind of page, where the system is dark or light."""
    folder = tmp_path_factory.mktemp("browser")
    frames = "".join(
        f'<iframe name="{name}" style="width:390px;height:400px" srcdoc="'
        + escape(f"<!doctype html><meta charset=utf-8><body {marks}>{SHOWN}")
        + '"></iframe>'
        for name, (marks, _) in PAGES.items()
    )
    page = folder / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><body>{frames}<script>{MEASURE}</script>", "utf-8")
    scheme = {"dark": 0, "light": 1}[request.param]
    line = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", f"--blink-settings=preferredColorScheme={scheme}"]
    ended = subprocess.run([*line, page.as_uri()], capture_output=True, text=True, timeout=60, check=True)
    told = re.search(r"<pre>(.*?)</pre>", ended.stdout, re.DOTALL)
    return request.param == "dark", json.loads(unescape(told[1]))


def luminance(colour):
    """How light a colour is (WCAG 2.2)."""
    shares = [float(each) / 255 for each in re.findall(r"[\d.]+", colour)[:3]]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_theme_of_the_page_wins_over_that_of_the_system(seen):
    """A light JupyterLab on a dark system shows light tables; a page that says nothing follows the system."""
    system_dark, pages = seen
    for name, (_, dark) in PAGES.items():
        expected = system_dark if dark is None else dark
        assert (luminance(pages[name]["back"]) < 0.2) is expected, name


def test_every_text_can_be_read(seen):
    """The contrast of each text is at least what WCAG asks for, 4.5 to 1, in each theme."""
    for name, page in seen[1].items():
        back = luminance(page["back"])
        for text in page["texts"]:
            light, dark = sorted((luminance(text), back), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (name, text, page["back"])


def test_a_phone_scrolls_the_table_and_not_the_page(seen):
    """At 390 pixels, what is wider stays inside its box."""
    assert {page["wide"] for page in seen[1].values()} <= set(range(391))
