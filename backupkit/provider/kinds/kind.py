"""What a stack must know of a kind of thing: one row of data, and functions where data is not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from backupkit.declare.codec import documents
from backupkit.declare.declared import Declared
from backupkit.documents import Value
from backupkit.problems import Problem
from backupkit.provider.answers import Document
from backupkit.provider.change import Action, Call, Change, Output, Subject
from backupkit.provider.forms import Flat, Form

if TYPE_CHECKING:
    from backupkit.provider.kinds.observed import Observed, World
    from backupkit.provider.kinds.reader import Reader

__all__ = ["AnyKind", "AnyPart", "Kind", "Part", "Place", "Settling"]

D = TypeVar("D", bound=Declared)
V = TypeVar("V")


@attrs.frozen(kw_only=True)
class Settling:
    """How a thing that AWS makes and changes in the background is waited for.

    Args:
        state: The member of the answer to `Kind.get` that tells the state; a ``/`` leads into a structure.
        done: The states in which it is there. An absent state counts as one of them where ``""`` is.
        failed: The states that are an error, which `ApplyError` tells with the reason.
        going: The states in which it is being deleted, which is waited for as well.
        reason: Why it failed, in words, from the same answer.
        times: How often one after the other a done state must be read: AWS tells of an air-gapped vault too early.
        deletes: Whether a deletion takes time as well, and is waited for, too.
        pause_seconds: Between two looks.
        timeout_seconds: After so long it is an error that it is not done.
    """

    state: str
    done: frozenset[str]
    failed: frozenset[str] = frozenset()
    going: frozenset[str] = frozenset({"DELETE_IN_PROGRESS"})
    reason: Callable[[Document], str] = lambda _: ""
    times: int = 1
    deletes: bool = True
    pause_seconds: float = 5.0
    timeout_seconds: float = 1_800.0


@attrs.frozen
class Place:
    """Where a thing is: what changes of it share.

    Args:
        address: Inside the stack.
        subject: How it is found again.
        inside: For a child, the parent's `Kind.id`, or where that will come from.
    """

    address: str
    subject: Subject
    inside: str | Output = ""

    def change(self, action: Action, reason: str) -> Change:
        """A change of it, to be filled in."""
        return Change(address=self.address, action=action, reason=reason, subject=self.subject)


@attrs.frozen(kw_only=True)
class Part(Generic[V]):
    """Something of which a thing has one or none, with its own calls: the lock of a vault.

    It has its own address, ``vault.prod/lock``. The field of the declared class is flagged ``document=False``.

    Args:
        field: The field of the declared class that holds it.
        get: The operation that reads it, given `Kind.id`; "not found" means there is none. None: the list entry, or
            the answer to `Kind.get`, of the thing holds it.
        read: Makes the part's document of what was read, or None where there is none. Not given: what was read is the
            document, and where it says nothing (but for `Kind.id`) there is none.
        member: Where the part is one value and not a structure: the member of the document that it is, "Policy".
        put: The operation that makes and changes it: it is sent `Kind.id` and the part's document.
        delete: The operation that takes it away, given `Kind.id`; None: AWS cannot take it away.
        form: The document in a form that can be compared, where the fields of the declared class are not enough.
        forms: Both documents, observed and declared, each None where there is none, in forms that can be compared;
            where what one says changes what the other means. In place of ``form``.
        takes_away: From both forms, paths of what protects today and will not any more.
        review: Looks at the change of the part, with what is observed and declared, and gives it back, perhaps with
            problems or as irreversible.
    """

    field: str
    get: str | None = None
    read: Callable[[Document], Document | None] | None = None
    member: str = ""
    put: str
    delete: str | None
    form: Callable[[Document], Flat] | None = None
    forms: Callable[[Document | None, Document | None], tuple[Flat, Flat]] | None = None
    takes_away: Callable[[Flat, Flat], tuple[str, ...]] = lambda _old, _new: ()
    review: Callable[[World, Change, Document | None, V | None], Change] | None = None


@attrs.frozen(kw_only=True)
class Kind(Generic[D]):
    """A row: how things of one declared class are read, compared, made, changed and deleted.

    The class says which fields there are, what the API calls them (``wire``), which cannot be changed in place
    (``replaces``), what AWS fills in (``assumed``) and how they are compared (``normal``); see `declare.fields.flags`.
    A row says by which calls. Operations of AWS Backup are called by the API's names. With another ``service`` they are
    methods of its boto3 client, ``put_backup_policy``, and go through the connection's own session.

    Every function may be left out; data is used in its place.

    Args:
        cls: The declared class. Its ``_KIND`` is the first word of addresses, ``vault.prod``, and its ``_KEY`` the
            field that is the second: ``name`` if it does not say so, and "" for settings of which there is one.
        service: boto3's name of the service.

        list: The operation of AWS Backup that lists all of them. None: they are read one by one, by ``get`` or
            ``reading`` with the declared name, as all things of other services are.
        get: The operation that reads one, given ``id``. None: the list entry says all.
        id: The member that identifies one in calls, "BackupPlanId"; "" for settings of which there is one.
        name: The member of the list entry (or of the answer to ``get``) that is the declared name; same as ``id`` if
            not given.
        arn: The member that is its ARN, in the list entry or the answer to ``get``; "" where it has none.
        body: The member of requests that holds the document; "" where its members stand in the request itself.
        got: The member of the answer to ``get`` that holds the document, where that is not ``body``.
        created: The member of the list entry that tells when it was made; needed where names are not unique.
        computed: Members of the document that AWS adds. Others that backupkit does not know are kept from being dropped
            in silence; that is asked of structures, and of the document where it has a ``body``.
        create: The operation that makes one. None: ``update`` does, because AWS always has one.
        update: The operation that changes one. None: it is replaced.
        delete: The operation that deletes one, given ``id``. None: it is left as it is, which the preview says.
        tags: The member of the request of ``create`` that holds its tags. None: it has none. Then nobody owns it: it is
            compared while it is declared, and stays as it is when it is dropped.
        unique: Whether there can be one of a name.
        create_first: Whether a thing that is replaced is made again before it is deleted; needs names that are not
            unique. Where a run ended between the two, the last one made stands, and the others go.
        parts: What belongs to it, of which there is one or none.
        children: Things inside it, with their own names. Their tags are the parent's.
        field: For a child: the field of the parent's class that holds the children.
        parent: For a child: the member of requests that names the parent; its value is the parent's ``id``.
        settled: How it is waited for once it is made or changed.

        ours: Whether a list entry is something that a stack could own; entries of AWS's own are not looked at.
        other: Why a list entry is of another kind, though it takes the name; "" where it is of this kind. It is then
            never touched, and declaring its name is a problem with these words.
        read: The document, out of the answer to ``get`` (or the list entry).
        document: The API's document of a declared thing.
        changed: The document that ``update`` is sent. Not given: without the members whose fields are flagged
            ``replaces``; a member that is no longer declared is sent as its flag ``cleared`` says.
        form: A document in a form that can be compared, where the fields of the class are not enough; the second is
            the document of the other side, None where there is none.
        reading: One thing by its id, as the answer to ``get`` would be; None where there is none. Where several calls
            tell of it.
        sent: A call that makes or changes it, as it is sent: where a member is known only when the call is made.
        creating: The calls that make it. Tags are `Owner.tags_for`, tokens `Owner.token`.
        updating: The calls that change it but for its tags, from what it is beside, what is declared and what is there.
        deleting: The calls that delete it.
        needs: The addresses of what comes first, as far as they change: ``vault.prod`` of a plan.
        obstacles: What stands against its deletion; the last is whether it would be made again.
        drains: Whether recovery points go before it where its stack is destroyed; then it must be named.
        checks: What is wrong about it beside everything else that is there and declared; warnings, too.
        takes_away: From the forms before and after, paths of what protects today and will not any more.
        warnings: From the forms before and after, what is rarely meant.
        replace: The change of a child that is there, where replacing it is more than a deletion and a creation: from
            where it is, what is declared, and all that the parent holds.
        claims: Whether a child under another name was made on the way to the one at this address.
    """

    cls: type[D]
    service: str = "backup"

    list: str | None = None
    get: str | None = None
    id: str
    name: str = ""
    arn: str = ""
    body: str = ""
    got: str = ""
    created: str = ""
    computed: frozenset[str] = frozenset()
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    tags: str | None = None
    unique: bool = True
    create_first: bool = False
    parts: tuple[AnyPart, ...] = ()
    children: tuple[AnyKind, ...] = ()
    field: str = ""
    parent: str = ""
    settled: Settling | None = None

    ours: Callable[[Document], bool] = lambda _: True
    other: Callable[[Document], str] = lambda _: ""
    read: Callable[[Document], Document] | None = None
    document: Callable[[D], dict[str, Value]] = documents.document
    changed: Callable[[D, Observed], dict[str, Value]] | None = None
    form: Callable[[Document, Document | None], Form] | None = None
    reading: Callable[[Reader, str], Document | None] | None = None
    sent: Callable[[Call], Call] = lambda call: call
    creating: Callable[[World, D], Iterable[Call]] | None = None
    updating: Callable[[World, D, Observed], Iterable[Call]] | None = None
    deleting: Callable[[Observed], Iterable[Call]] | None = None
    needs: Callable[[D], Iterable[str]] = lambda _: ()
    obstacles: Callable[[World, Observed, bool], Iterable[Problem]] = lambda _world, _seen, _again: ()
    drains: Callable[[Observed], bool] = lambda _: False
    checks: Callable[[World, D], Iterable[Problem]] = lambda _world, _thing: ()
    takes_away: Callable[[Form, Form], tuple[str, ...]] = lambda _old, _new: ()
    warnings: Callable[[Form, Form], Iterable[Problem]] = lambda _old, _new: ()
    replace: Callable[[World, Place, D, tuple[Observed, ...]], Change] | None = None
    claims: Callable[[World, str, Observed], bool] = lambda _world, _address, _seen: False

    @property
    def key(self) -> str:
        """The field of the class that is the name; empty for settings of which there is one."""
        return self.cls._KEY  # noqa: SLF001 - the class says it

    @property
    def word(self) -> str:
        """The first word of its addresses, for example ``vault``."""
        return self.cls._KIND  # noqa: SLF001 - the class says it

    def name_of(self, thing: D) -> str:
        """The declared name; the word itself for settings of which there is one."""
        return str(getattr(thing, self.key)) if self.key else self.word


# A table holds kinds of every class.
AnyKind: TypeAlias = "Kind[Any]"
AnyPart: TypeAlias = "Part[Any]"
