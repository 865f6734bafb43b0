"""Reflection, by the clients that people use: grpcio-reflection, grpc_requests, and plain stubs of v1."""

import grpc
import pytest
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_requests import Client

from plenary_testing.calls import CALL_SECONDS, Requests

SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "grpc.testing.TestService",
    "kit.v1.Echo",
]


@pytest.fixture(scope="module")
def reflection(stubs):
    return stubs["grpc/reflection/v1/reflection.proto"][0]


@pytest.fixture
def ask(stubs, channel, reflection):
    """Asks one question after the other in one call, as `ask(field=value)`."""
    requests = Requests()
    stub = stubs["grpc/reflection/v1/reflection.proto"][1].ServerReflectionStub(channel)
    answers = stub.ServerReflectionInfo(iter(requests), timeout=CALL_SECONDS)

    def one(**question):
        request = reflection.ServerReflectionRequest(host="a.host", **question)
        requests.send(request)
        answer = next(answers)
        assert answer.original_request == request
        assert answer.valid_host == "a.host"
        return answer

    yield one
    requests.finish()
    assert list(answers) == []
    assert answers.code() is grpc.StatusCode.OK


def files_of(answer):
    found = answer.file_descriptor_response.file_descriptor_proto
    return [descriptor_pb2.FileDescriptorProto.FromString(file) for file in found]


def test_v1_lists_the_services(ask):
    listed = ask(list_services="").list_services_response.service
    assert sorted(service.name for service in listed) == SERVICES


@pytest.mark.parametrize(
    ("symbol", "file"),
    [
        ("kit.v1.Echo", "kit/v1/echo.proto"),
        ("kit.v1.Echo.Say", "kit/v1/echo.proto"),
        ("kit.v1.EchoMsg", "kit/v1/echo.proto"),
        ("grpc.testing.TestService.UnaryCall", "grpc/testing/test.proto"),
        ("grpc.testing.PayloadType", "grpc/testing/messages.proto"),
        ("grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"),
        ("grpc.reflection.v1.ServerReflection", "grpc/reflection/v1/reflection.proto"),
    ],
)
def test_v1_finds_the_file_of_a_symbol(ask, symbol, file):
    assert files_of(ask(file_containing_symbol=symbol))[0].name == file


def test_v1_finds_files_and_what_they_import_by_name(ask):
    file = files_of(ask(file_by_filename="grpc/testing/test.proto"))[0]
    assert file.package == "grpc.testing"
    for imported in file.dependency:
        assert imported in [found.name for found in files_of(ask(file_by_filename=imported))]


def test_v1_answers_what_it_does_not_know_and_goes_on(ask):
    not_found = grpc.StatusCode.NOT_FOUND.value[0]
    assert ask(file_by_filename="no/such.proto").error_response.error_code == not_found
    assert ask(file_containing_symbol="no.Such").error_response.error_code == not_found
    extension = {"containing_type": "kit.v1.EchoMsg", "extension_number": 100}
    assert ask(file_containing_extension=extension).error_response.error_code == not_found
    assert files_of(ask(file_containing_symbol="kit.v1.Echo"))


def test_v1alpha_feeds_a_descriptor_pool(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    assert sorted(database.get_services()) == SERVICES
    pool = DescriptorPool(database)
    methods = pool.FindServiceByName("grpc.testing.TestService").methods_by_name
    assert methods["FullDuplexCall"].input_type.full_name == "grpc.testing.StreamingOutputCallRequest"
    with pytest.raises(KeyError):
        pool.FindMessageTypeByName("kit.v1.Nothing")


def test_a_client_that_knows_the_method_by_reflection_calls_it(channel):
    pool = DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
    message = GetMessageClass(pool.FindMessageTypeByName("kit.v1.EchoMsg"))
    say = channel.unary_unary(
        "/kit.v1.Echo/Say", request_serializer=message.SerializeToString, response_deserializer=message.FromString
    )
    assert say(message(text="hello", n=7), timeout=CALL_SECONDS) == message(text="hello", n=7)


def test_grpc_requests_calls_by_name(server):
    client = Client.get_by_endpoint(server.address, descriptor_pool=DescriptorPool())
    assert sorted(client.service_names) == SERVICES
    assert client.request("kit.v1.Echo", "Say", {"text": "hello"}, timeout=CALL_SECONDS) == {"text": "hello"}
    streamed = client.request("kit.v1.Echo", "Stream", {"count": 3}, timeout=CALL_SECONDS)
    assert [int(message.get("n", 0)) for message in streamed] == [0, 1, 2]
