"""Pictures of points, plans, coverage and jobs, as altair charts; needs ``pip install 'backupkit[plots]'``.

Each function returns a chart: a value that a notebook shows, that a test can read (``chart.to_dict()``), and that is
saved with ``chart.save("points.html")``. Charts hold what they show, never more than some thousand numbers: from 1 to
10,000 resources, many are summed up where there are many. Times are UTC. Colours can be told apart by colour-blind
people.

- arguments         what may be drawn
- drawing           altair, colours, axes
- sampling          what there is at moments that lie evenly
- point_spans       from when to when points are kept, and in which tier
"""

from backupkit.plots.coverage_bars import coverage
from backupkit.plots.job_history import jobs
from backupkit.plots.plan_calendar import calendar
from backupkit.plots.point_timeline import timeline
from backupkit.plots.stored_bytes import storage

__all__ = ["calendar", "coverage", "jobs", "storage", "timeline"]
