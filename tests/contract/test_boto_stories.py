"""Every operation through boto3's own client: in this process, and over HTTP."""

from __future__ import annotations

import importlib
from pathlib import Path

import boto3
import pytest
from botocore import xform_name
from http_programs import ACCOUNT, REGION, client

from backupkit.emulator import LocalService, patch_boto3
from backupkit.emulator.http import serving

STORIES = sorted(path.stem for path in Path(__file__).parent.glob("story_*.py"))


class AuthRequest:
    """boto3's client under the names that the stories call, and the service behind it, whose stage they set."""

    def __init__(self, service, made):
        self.service = service
        self.client = made
        self.operations = set()

    def __call__(self, operation, **params):
        self.operations.add(operation)
        answer = getattr(self.client, xform_name(operation))(**params)
        assert answer.pop("ResponseMetadata")["HTTPStatusCode"] in {200, 201, 204}
        return answer


def played(story, service, made):
    ask = AuthRequest(service, made)
    importlib.import_module(story).play(ask)
    return ask.operations


@pytest.mark.parametrize("story", STORIES)
def test_every_story_goes_over_http(story):
    """boto3 sends and understands all that the service takes and answers over HTTP, whatever the path or the status."""
    service = LocalService()
    with serving(service) as url:
        played(story, service, client(url, key=ACCOUNT))


@pytest.mark.parametrize("story", STORIES)
def test_every_story_goes_through_patched_boto3(story):
    """The same in this process, without a socket."""
    with patch_boto3() as service:
        played(story, service, boto3.client("backup", region_name=REGION))
