"""Stacks: what is declared, what differs in AWS, and making it so.

`kinds` is the table of what a stack can hold. `stack` is what a user writes; `checks` asks whether its things fit
together. `refresh` looks at AWS; `flatten` and `policy` bring both sides to one of the `forms` that can be compared;
`things` computes what must change, `protection` what that takes away, and `diff` puts it in order. The outcome is
`changes`: data, which `printing` shows and, after `consent`, `applying` makes; `source` looks again before each thing,
`settling` waits for it, `stoppable` ends it at Ctrl-C, and `rivals` decides between what two runs made. `drift` is what
a preview says of the present; `destroying` previews the end of a stack, and `draining` empties its vaults. `saved` and
`loaded` are changes as JSON.
"""

from backupkit.provider.applying import Applied, ApplyInterrupted
from backupkit.provider.change import Action, Call, Change, Difference, Leaf, Output
from backupkit.provider.changes import Changes
from backupkit.provider.drift import Drift, DriftedField
from backupkit.provider.ownership import OWNER_TAG
from backupkit.provider.stack import Stack

__all__ = [
    "OWNER_TAG",
    "Action",
    "Applied",
    "ApplyInterrupted",
    "Call",
    "Change",
    "Changes",
    "Difference",
    "Drift",
    "DriftedField",
    "Leaf",
    "Output",
    "Stack",
]
