"""What all pictures share: altair, colours that colour-blind people can tell apart, and axes of time.

The colours are those of Okabe and Ito (Color Universal Design, 2008); a test holds them apart as people with each kind
of colour blindness see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from backupkit.display import moment
from backupkit.tables.arrow import installed

if TYPE_CHECKING:
    import altair as alt

__all__ = [
    "INK",
    "OUTCOMES",
    "PAPER",
    "RULES",
    "TIERS",
    "WIDTH",
    "Values",
    "altair",
    "colour",
    "data",
    "layered",
    "nothing",
    "now_line",
    "on_any_page",
    "panel_title",
    "short_names",
    "stacked",
    "time_axis",
    "title",
]

C = TypeVar("C")

Values = list[dict[str, object]]

ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILLION, PURPLE, BLACK, GREY = "#0072B2", "#D55E00", "#CC79A7", "#000000", "#BBBBBB"

INK, PAPER = "#595959", "#FFFFFF"
"""What is written and ruled, and what it is written on: no colour can be read on light pages and on dark ones, and a
picture that is a file cannot ask its page."""

TIERS = {"warm": ORANGE, "cold": BLUE, "not told": GREY}
OUTCOMES = {"good": BLUE, "bad": VERMILLION, "doubtful": GREY}
RULES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, YELLOW, BLACK)

WIDTH = 560


def altair() -> Any:
    """Return altair.

    Raises:
        ConfigurationError: It is not installed.
    """
    return installed("altair", "backupkit[plots]")


def data(rows: Values) -> Any:
    """Return rows as the data of a chart."""
    return altair().Data(values=rows)


def colour(field: str, colours: Mapping[str, str], used: Sequence[str], **more: object) -> Any:
    """Return the colour of a field; of the colours only those that are used are in the legend."""
    names = [name for name in colours if name in used]
    scale = altair().Scale(domain=names, range=[colours[name] for name in names])
    return altair().Color(f"{field}:N", scale=scale, **more)


def time_axis(field: str, first: datetime, last: datetime, heading: str | None = "time (UTC)") -> Any:
    """Return a horizontal axis of UTC."""
    scale = altair().Scale(type="utc", domain=[_iso(first), _iso(last)])
    return altair().X(f"{field}:T", title=heading, scale=scale, axis=altair().Axis(labelOverlap=True))


def _iso(when: datetime) -> str:
    return when.isoformat()


def title(text: str, *more: str) -> Any:
    """Return a title, with what is said besides below it."""
    return altair().TitleParams(text, subtitle=[line for line in more if line], anchor="start")


def panel_title(text: str, *more: str) -> Any:
    """Return the title of one of several panels, which begins where the panel does."""
    params = title(text, *more)
    params.frame = "group"
    return params


def now_line(now: datetime) -> Any:
    """Return a line at the present moment."""
    line = (
        altair()
        .Chart(data([{"now": _iso(now), "told": f"now: {moment(now)}"}]))
        .mark_rule(color=INK, strokeDash=[4, 3])
    )
    return line.encode(x=altair().X("now:T"), tooltip=["told:N"])


def layered(*charts: Any, **properties: Any) -> alt.LayerChart:
    """Return charts over each other."""
    found: alt.LayerChart = altair().layer(*charts).properties(**properties)
    return found


def on_any_page(chart: C) -> C:
    """Return a whole picture with a background, which its texts stand out from on light and on dark pages."""
    alt = altair()
    words, lines = {"labelColor": INK, "titleColor": INK}, {"domainColor": INK, "tickColor": INK}
    whole: Any = chart
    found: C = whole.configure(
        background=PAPER,
        axis=alt.AxisConfig(**words, **lines, gridColor=INK, gridOpacity=0.25),
        legend=alt.LegendConfig(**words, symbolBaseFillColor=INK, symbolBaseStrokeColor=INK),
        title=alt.TitleConfig(color=INK, subtitleColor=INK),
        text=alt.MarkConfig(color=INK),
        view=alt.ViewConfig(stroke=INK, strokeOpacity=0.35),
    )
    return found


def stacked(*panels: Any, heading: Any, shared: Sequence[str] = ()) -> alt.VConcatChart:
    """Return charts below each other, with one heading, which share the scales that are named."""
    scales: Any = dict.fromkeys(shared, "shared")
    found: alt.VConcatChart = altair().vconcat(*panels, title=heading, spacing=14).resolve_scale(**scales)
    return on_any_page(found)


def nothing(text: str) -> alt.LayerChart:
    """Return a chart that says that there is nothing to draw."""
    words = altair().Chart(data([{"text": text}])).mark_text(fontSize=13).encode(text="text:N")
    return layered(words, width=WIDTH, height=40, description=text)


def short_names(arns: Sequence[str]) -> dict[str, str]:
    """Return a label for each ARN: its last part, or all of it where others end alike."""
    last = {arn: arn.rpartition("/" if "/" in arn else ":")[2] or "not told" for arn in arns}
    times: dict[str, int] = {}
    for name in last.values():
        times[name] = times.get(name, 0) + 1
    return {arn: name if times[name] == 1 else arn for arn, name in last.items()}
