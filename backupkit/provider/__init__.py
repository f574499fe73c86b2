"""Stacks: what is declared, what differs in AWS, and making it so.

`stack` is what a user writes; `checks` asks whether its things fit together. `reading` looks at AWS and gives `seen`
records; `normal` and `policy` bring both sides to one form; `vaults`, `plans` and `selections` compute what must
change, and `computing` puts it in order. The outcome is `changes`: data, which `printing` shows and, after `consent`,
`applying` makes.
"""

from backupkit.provider.applying import Applied
from backupkit.provider.change import Action, Call, Change, Difference, Leaf, Made
from backupkit.provider.changes import Changes
from backupkit.provider.ownership import OWNER_TAG
from backupkit.provider.stack import HasTransport, Stack

__all__ = [
    "OWNER_TAG",
    "Action",
    "Applied",
    "Call",
    "Change",
    "Changes",
    "Difference",
    "HasTransport",
    "Leaf",
    "Made",
    "Stack",
]
