"""One way to restore a type, with the keys that it takes: a new file system or an existing one, for example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

import attrs

from backupkit.catalog.metadata_key import Encoding, MetadataKey, Send, Trait
from backupkit.catalog.metadata_key import traits as kinds_of_points
from backupkit.catalog.neighbour import Target
from backupkit.catalog.point_facts import PointFacts

__all__ = ["ANY", "REQUEST_ID", "RestoreForm", "chosen", "folded", "same"]

ANY = "*"
"""Any value at all."""
REQUEST_ID = MetadataKey("aws:backup:request-id", returned=True, send=Send.STRIP, seen=True, source="all restore pages")
"""AWS answers it for most types, and takes it back without effect."""


@attrs.frozen(kw_only=True)
class RestoreForm:
    """One way to restore a type.

    Args:
        name: What it makes, for people.
        keys: What its metadata may hold.
        when: Keys of the metadata with the values that mean this form; empty: it is meant where no other is.
        traits: The kinds of points that it is for; empty: all.
        resource: How the resource part of the source's ARN begins; empty: any.
        held: What the point's own metadata says where this form is meant.
        latest: The key and value that mean the latest moment that can be restored; None where there is none.
        lag: How long the last changes may be on their way to a continuous point.
        makes: AWS Backup's type string of what it makes, where that is another type; empty: the same.
        target: The key that names what it makes, where that is another than the type's.
        adds: Whether it restores into something that exists, and adds to it.
        overwrites: Whether it destroys what is there.
        source: The page of the developer guide, or what else the keys come from.
    """

    name: str
    keys: tuple[MetadataKey, ...]
    when: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    traits: frozenset[Trait] = attrs.field(default=frozenset(), converter=kinds_of_points)
    resource: str = ""
    held: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    latest: tuple[str, str] | None = None
    lag: timedelta = timedelta()
    makes: str = ""
    target: Target | None = None
    adds: bool = False
    overwrites: bool = False
    source: str = ""

    def find(self, name: str) -> MetadataKey | None:
        """The key of that name, in whatever case; None where this form does not know it."""
        return next((key for key in (*self.keys, REQUEST_ID) if key.fits(name)), None)

    @property
    def moment(self) -> MetadataKey | None:
        """The key that takes the moment to go back to; None where there is none."""
        return next((key for key in self.keys if key.encoding is Encoding.MOMENT), None)

    def suits(self, facts: PointFacts) -> bool:
        """Whether a point of these facts can be restored so."""
        held = folded(facts.held)
        return (
            self.traits <= facts.traits
            and (not self.resource or not facts.resource or facts.resource.startswith(self.resource))
            and all(held.get(key.casefold(), value) in {value, None} for key, value in self.held.items())
        )

    def meant_by(self, metadata: Mapping[str, str]) -> bool:
        """Whether the metadata says that this form is meant."""
        given = folded(metadata)
        return all(
            key.casefold() in given and (value == ANY or same(given[key.casefold()], value))
            for key, value in self.when.items()
        )


def folded(metadata: Mapping[str, str | None]) -> dict[str, str | None]:
    """The metadata by its keys in lower case."""
    return {key.casefold(): value for key, value in metadata.items()}


def same(text: str | None, value: str | tuple[str, ...]) -> bool:
    """Whether a text says a value, or one of several; booleans are spelled in capitals, too."""
    if isinstance(value, tuple):
        return any(same(text, each) for each in value)
    return text == value or (text is not None and value in {"true", "false"} and text.casefold() == value)


def chosen(forms: Sequence[RestoreForm], facts: PointFacts | None, metadata: Mapping[str, str]) -> RestoreForm:
    """The form that is meant: of those that the metadata names and that suit the point, the one that says most."""
    named = [form for form in forms if form.meant_by(metadata)] or list(forms)
    suited = [form for form in named if facts is None or form.suits(facts)] or named
    # File systems of four flavours share one type, and the object of one of them tells which it is.
    return max(suited, key=lambda form: (len(form.when), sum(form.find(name) is not None for name in metadata)))
