"""What a world can promise beside its resources: to put objects into buckets, where reports go."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

__all__ = ["Delivery"]


@runtime_checkable
class Delivery(Protocol):
    """A world with buckets that reports can be delivered to."""

    def put_object(self, bucket: str, key: str, body: bytes, *, account_id: str, region_name: str) -> bool:
        """Put an object into a bucket on behalf of an account.

        Args:
            bucket: The bucket's name.
            key: The object's key.
            body: The object.
            account_id: The account that delivers.
            region_name: The Region that delivers; the bucket may be in another.

        Returns:
            Whether the account is this world's; where it is not, nothing was done.

        Raises:
            WorldError: The bucket is not there, or the object may not be put.
        """
        ...
