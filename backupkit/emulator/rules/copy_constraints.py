"""Which copies go into and out of logically air-gapped vaults, and AWS's sentences where one does not.

Sources: the developer guide's pages on logically air-gapped vaults and on feature availability; the sentences about the
default key are the jobs dashboard's.
"""

from __future__ import annotations

from backupkit.arn import Arn
from backupkit.emulator.kernel.kinds import kind_named, managed
from backupkit.emulator.kernel.simulation import Simulation
from backupkit.emulator.model import CopyJob, Point, RegionScope, Vault
from backupkit.emulator.rules.managed_keys import managed_key_arn

__all__ = ["DEFAULT_KEY", "fault", "is_air_gapped", "of_aws", "supported"]

_NOT_READY = "Copy job failed because the destination Backup vault {arn} is not available yet."
_NOT_SUPPORTED = "Copy job failed. {kind} is not supported by logically air-gapped backup vault."
_KEY_OF_AWS = (
    "Copy job failed. This resource is encrypted with an AWS managed key "
    "and cannot be copied to a logically air-gapped backup vault."
)
_ON_DEMAND_ONLY = (
    "Copy job failed. A backup plan cannot copy from one logically air-gapped backup vault to another; copy on demand."
)
DEFAULT_KEY = (
    "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed key. "
    "The contents of this vault cannot be copied. "
    "Only the contents of a Backup vault encrypted by an AWS KMS key may be copied."
)
"""AWS's sentence where only a key of the customer's own can take over what is copied."""


def is_air_gapped(vault: Vault | None) -> bool:
    """Whether the vault is logically air-gapped."""
    return vault is not None and vault.vault_type == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"


def of_aws(key_arn: str | None) -> bool:
    """Whether a key is one that AWS manages for a service: its ARN is then given as that of an alias like aws/ebs."""
    return key_arn is not None and ":alias/aws/" in key_arn


def supported(resource_type: str, *, advanced: bool) -> bool:
    """Whether logically air-gapped vaults take the type; DynamoDB only with its advanced features (``advanced``)."""
    return kind_named(resource_type).air_gapped and (resource_type != "DynamoDB" or advanced)


def fault(
    simulation: Simulation, scope: RegionScope, there: RegionScope, vault: Vault, job: CopyJob, point: Point
) -> str | None:
    """Why an air-gapped vault, as source or destination, stands against a copy; None where it does not."""
    source = scope.vaults.get(Arn.parse(job.source_vault_arn).name)
    if not is_air_gapped(vault):
        # Only a key of the customer's own can take over what such a vault holds.
        return DEFAULT_KEY if is_air_gapped(source) and vault.key_arn == managed_key_arn(there) else None
    if vault.state != "AVAILABLE":
        return _NOT_READY.format(arn=vault.arn)
    if not supported(point.resource_type, advanced=":dynamodb:" not in point.arn):
        return _NOT_SUPPORTED.format(kind=point.resource_type)
    if not managed(point.arn) and of_aws(point.key_arn):
        return _KEY_OF_AWS
    if is_air_gapped(source) and job.backup_job_id is not None and not simulation.choices.plans_copy_between_air_gapped:
        return _ON_DEMAND_ONLY
    return None
