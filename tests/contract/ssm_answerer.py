"""Systems Manager on this machine: documents whose scripts keep to the contract of Data Lifecycle Manager, or break it.

moto answers Success whatever a script does, so what goes wrong is answered here, over HTTP, to a real boto3 session.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import boto3
import pytest
from loopback import serving

INSTANCE = "i-0123456789abcdef0"
CONTRACT = ("command", "executionId", "autoThawSeconds")


class Application:
    """An application that rests between the two scripts, and goes on by itself after a while.

    Args:
        now: What time it goes by.
        auto_thaw_seconds: After how many seconds it goes on, where the script is not told.
    """

    def __init__(self, now=lambda: datetime.now(UTC), auto_thaw_seconds=60):
        self.now = now
        self.auto_thaw_seconds = auto_thaw_seconds
        self.thaws_at = None
        self.codes = {"pre-script": [], "post-script": []}
        """What the next runs of each script answer instead of doing anything; None is not done yet, forever."""
        self.runs = []

    @property
    def rests(self):
        return self.thaws_at is not None and self.now() < self.thaws_at

    def run(self, parameters):
        """Run a script; its exit code."""
        command = parameters["command"][0]
        self.runs.append((command, parameters, self.rests))
        if self.codes[command]:
            return self.codes[command].pop(0)
        if command == "pre-script":
            if self.rests:
                return 204
            seconds = int(parameters.get("autoThawSeconds", [self.auto_thaw_seconds])[0])
            self.thaws_at = self.now() + timedelta(seconds=seconds)
            return 0
        rested, until, self.thaws_at = self.rests, self.thaws_at, None
        return 0 if rested else 205 if until is None else 203

    def commands(self):
        return [command for command, _, _ in self.runs]


class SystemsManager:
    """Answers for the documents of one application."""

    def __init__(self, application, documents=None):
        self.application = application
        self.documents = {"app-consistency": CONTRACT} if documents is None else documents
        self.statuses = {}
        self.refused = []
        """Codes with which the next sendings of the second script are refused."""
        self.steps = False
        """Whether documents have several steps, whose runs cannot be asked for by the run alone."""
        self.keeps_running = False
        """Whether nobody may cancel a run."""
        self.cancelled = []
        self._runs = {}
        self._ids = count(1)

    def answer(self, _handler, _method, _path, body):
        target = _handler.headers["x-amz-target"]
        if target is None:  # EC2 speaks another protocol: it is not here
            return 400, {}, b""
        said = json.loads(body)
        status, told = getattr(self, target.partition(".")[2])(said)
        return status, {"content-type": "application/x-amz-json-1.1"}, json.dumps(told).encode()

    def DescribeDocument(self, said):  # noqa: N802 - the API's name
        if said["Name"] not in self.documents:
            return 400, {"__type": "InvalidDocument", "message": ""}
        parameters = [{"Name": name, "Type": "String", "DefaultValue": "None"} for name in self.documents[said["Name"]]]
        status = self.statuses.get(said["Name"], "Active")
        return 200, {"Document": {"Name": said["Name"], "Status": status, "Parameters": parameters}}

    def SendCommand(self, said):  # noqa: N802
        if self.refused and said["Parameters"].get("command") == ["post-script"]:
            return 400, {"__type": self.refused.pop(0), "message": ""}
        assert said["InstanceIds"] == [INSTANCE]
        assert set(said["Parameters"]) <= set(self.documents[said["DocumentName"]])
        parameters = dict(said["Parameters"])
        # Documents of another kind are one for each script.
        parameters.setdefault("command", ["post-script" if said["DocumentName"] == "thaw" else "pre-script"])
        name = f"00000000-0000-4000-8000-{next(self._ids):012d}"
        self._runs[name] = self.application.run(parameters)
        return 200, {"Command": {"CommandId": name}}

    def _told(self, name):
        code = self._runs[name]
        status = "InProgress" if code is None else "Failed" if code else "Success"
        return {"Status": status, "ResponseCode": -1 if code is None else code}

    def GetCommandInvocation(self, said):  # noqa: N802
        if self.steps:
            return 400, {"__type": "InvalidPluginName", "message": ""}
        return 200, self._told(said["CommandId"])

    def ListCommandInvocations(self, said):  # noqa: N802
        told = self._told(said["CommandId"])
        steps = [{"Name": "check", "ResponseCode": 0}, {"Name": "run", "ResponseCode": told["ResponseCode"]}]
        return 200, {"CommandInvocations": [{"Status": told["Status"], "CommandPlugins": steps}]}

    def CancelCommand(self, said):  # noqa: N802
        if self.keeps_running:
            return 400, {"__type": "AccessDeniedException", "message": ""}
        self.cancelled.append(said["CommandId"])
        return 200, {}


class Endpoint:
    """Where Systems Manager is found: it answers for whichever manager is set."""

    def __init__(self):
        self.manager = None
        self.session = boto3.Session(
            aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="not-a-secret", region_name="us-east-1"
        )

    def answer(self, *asked):
        return self.manager.answer(*asked)


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A boto3 session that finds Systems Manager here, and nothing elsewhere."""
    found = Endpoint()
    with serving(found.answer) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SSM", url)
        patch.setenv("AWS_ENDPOINT_URL_EC2", url)
        yield found
