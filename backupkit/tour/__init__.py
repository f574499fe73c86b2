"""The tour: the whole story of a backup policy, on this machine, in a few seconds.

- `policy`: the stack that is declared, whose very source the tour shows
- `shop`: a DynamoDB table and an S3 bucket with real content, and three synthetic resources
- `comparison`: what a restore brought back, item by item
- `month`: the points of a vault, counted as the days go by
- `page`: how it looks
- `story`: the chapters, in their order
"""

from backupkit.tour.story import tell

__all__ = ["tell"]
