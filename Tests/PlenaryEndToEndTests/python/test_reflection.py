"""Clients that know nothing of our protos but what reflection tells them."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_requests import Client
from grpc_status import rpc_status

from plenary_testing.calls import CALL_SECONDS

DIALOGUE = "dialogues/asia-ict-ct-3"
DIALOGUES = "plenary.v1.DialogueService"
THEMES = "plenary.v1.ThemeService"

SYSTEM_SERVICES = {
    "google.longrunning.Operations",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
}

# buf lies beside the Python that runs the tests.
BUF = Path(sys.executable).with_name("buf")


@pytest.fixture
def reflected(filled):
    """A client of grpc_requests, which uses v1alpha; its descriptors come from the server alone."""
    return Client.get_by_endpoint(filled.address, descriptor_pool=DescriptorPool())


@pytest.fixture
def buf_curl(filled, tmp_path):
    """Runs `buf curl` by reflection: its exit code, and what it printed."""

    def run(path, *options):
        command = [BUF, "curl", "--http2-prior-knowledge", "--protocol", "grpc", "--reflect", *options]
        # Its cache and its configuration, of which there is none, belong to the test.
        environment = {"HOME": str(tmp_path), "PATH": ""}
        done = subprocess.run(
            [*command, f"http://{filled.address}{path}"],
            capture_output=True, text=True, timeout=CALL_SECONDS, cwd=tmp_path, env=environment,
        )
        return done.returncode, done.stdout or done.stderr

    return run


@pytest.fixture
def curl(buf_curl):
    """One call by `buf curl`: the answer, or the error."""
    return lambda method, request: json.loads(buf_curl(f"/{method}", "--data", json.dumps(request))[1])


def test_grpc_requests_finds_all_services(reflected, api):
    assert set(reflected.service_names) == {*api.services, *SYSTEM_SERVICES}


@pytest.mark.parametrize("detail", ["ErrorInfo", "BadRequest", "PreconditionFailure", "ResourceInfo", "RetryInfo"])
def test_the_details_of_errors_are_described_too(example, detail):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(example.channel))
    assert pool.FindMessageTypeByName(f"google.rpc.{detail}").fields


def test_grpc_requests_reads_and_writes(reflected):
    dialogue = reflected.request(DIALOGUES, "GetDialogue", {"name": DIALOGUE})
    assert dialogue["location"] == {"locality": "Kuala Lumpur", "region_code": "MY"}
    assert dialogue["start_date"] == {"year": 2018, "month": 11, "day": 7}
    listed = reflected.request(DIALOGUES, "ListDialogues", {"filter": "ordinal<3", "order_by": "ordinal desc"})
    assert [dialogue["ordinal"] for dialogue in listed["dialogues"]] == [2, 1]

    theme = {"scheme": "samples", "pref_label": {"values": {"en": "New"}}}
    made = reflected.request(THEMES, "CreateTheme", {"theme": theme, "theme_id": "new"})
    change = {"name": made["name"], "etag": made["etag"], "notation": "7"}
    changed = reflected.request(THEMES, "UpdateTheme", {"theme": change, "update_mask": "notation"})
    assert (changed["notation"], changed["pref_label"]) == ("7", theme["pref_label"])
    with pytest.raises(grpc.RpcError) as stale:
        reflected.request(THEMES, "UpdateTheme", {"theme": change, "update_mask": "notation"})
    assert stale.value.code() is grpc.StatusCode.ABORTED
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in rpc_status.from_call(stale.value).details)
    assert info.reason == "ETAG_MISMATCH"
    deleted = reflected.request(THEMES, "DeleteTheme", {"name": made["name"], "etag": changed["etag"]})
    assert deleted["state"] == "DELETED"


def test_grpc_requests_imports_and_exports(reflected):
    theme = {"name": "themes/new", "scheme": "samples", "pref_label": {"values": {"en": "New"}}}
    requests = [{"header": {"dry_run": False}}, {"record": {"theme": theme}}]
    *blocks, last = reflected.request("plenary.v1.ImportService", "ImportRegistry", requests)
    assert [result["outcome"] for block in blocks for result in block["results"]["results"]] == ["CREATED"]
    assert last["summary"]["applied"] is True
    _, *records = reflected.request("plenary.v1.ExportService", "ExportRegistry", {})
    assert len(records) == 42


def test_buf_curl_reads_and_writes(curl):
    dialogue = curl(f"{DIALOGUES}/GetDialogue", {"name": DIALOGUE, "readMask": "location,startDate"})
    assert dialogue == {
        "location": {"locality": "Kuala Lumpur", "regionCode": "MY"},
        "startDate": {"year": 2018, "month": 11, "day": 7},
    }
    request = {"theme": {"scheme": "samples", "prefLabel": {"values": {"en": "New"}}}, "themeId": "new"}
    assert curl(f"{THEMES}/CreateTheme", request)["name"] == "themes/new"
    assert curl(f"{THEMES}/DeleteTheme", {"name": "themes/new"})["state"] == "DELETED"


def test_buf_curl_shows_errors_with_their_details(curl):
    error = curl(f"{DIALOGUES}/GetDialogue", {"name": "dialogues/nowhere"})
    assert error["code"] == "not_found"
    # buf gives them as they came, in base64 without padding.
    details = {detail["type"]: base64.b64decode(detail["value"] + "==") for detail in error["details"]}
    assert error_details_pb2.ErrorInfo.FromString(details["google.rpc.ErrorInfo"]).reason == "RESOURCE_NOT_FOUND"
    resource = error_details_pb2.ResourceInfo.FromString(details["google.rpc.ResourceInfo"])
    assert resource.resource_name == "dialogues/nowhere"


def test_buf_curl_lists_the_methods(buf_curl):
    code, methods = buf_curl("", "--list-methods")
    assert code == 0
    assert {f"{DIALOGUES}/GetDialogue", "plenary.v1.ImportService/ImportRegistry"} <= set(methods.split())
