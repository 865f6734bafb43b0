"""The registry as a foreign client sees it: plenaryd as a process, and grpcio with stubs of plenary.v1."""

from collections import Counter
from types import SimpleNamespace

import grpc
from google.protobuf import json_format
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from plenary_testing.calls import CALL_SECONDS, error_of
from plenary_testing.process import ServerProcess
from plenary_testing.stubs import CHECKOUT, Stubs

EXAMPLE = CHECKOUT / "Deploy/examples/asia-ict-ct.json"

# The domain of the reasons in ErrorInfo.
DOMAIN = "plenary.registry"


def plenaryd(*options, listen="127.0.0.1:0", data=":memory:", **settings):
    """A daemon that serves; with no options, a registry of its own in memory."""
    return ServerProcess(
        "plenaryd", "run", "--listen", listen, "--data", data, "--log-level", "warning", *options, **settings
    )


class RegistryAPI:
    """The messages of plenary.v1 by name, and its services by the names of their methods.

        api.Dialogue(ordinal=1)
        api.stub(channel, "GetDialogue")
    """

    def __init__(self, stubs):
        self._messages = {}
        self._methods = {}
        self.services = []
        for proto in Stubs.ours("plenary/v1"):
            messages, services = stubs[proto]
            self._messages |= {name: getattr(messages, name) for name in messages.DESCRIPTOR.message_types_by_name}
            for service in messages.DESCRIPTOR.services_by_name.values():
                self.services.append(service.full_name)
                make_stub = getattr(services, f"{service.name}Stub")
                self._methods |= {method.name: (make_stub, method) for method in service.methods}

    def __getattr__(self, name):
        try:
            return self._messages[name]
        except KeyError:
            raise AttributeError(f"plenary.v1 has no message {name}") from None

    def stub(self, channel, method):
        """A method of grpcio's stub."""
        return getattr(self._methods[method][0](channel), method)

    def request(self, method, **fields):
        """The request of a method."""
        return self._messages[self._methods[method][1].input_type.name](**fields)

    def has_method(self, method):
        return method in self._methods

    def method(self, name):
        """The descriptor of a method."""
        return self._methods[name][1]

    def methods(self):
        """The names of all methods."""
        return sorted(self._methods)

    def messages(self):
        """The names of all messages."""
        return set(self._messages)

    def example(self):
        """The records of the example that the project comes with, read by the reference codec."""
        return list(json_format.Parse(EXAMPLE.read_text("utf-8"), self.Bundle()).records)

    def theme(self, label="A sample", **fields):
        """A theme that can be created anywhere."""
        return self.Theme(scheme="samples", pref_label=self.text(label), **fields)

    def text(self, text, language="en"):
        return self.LocalizedText(values={language: text}, original_language=language)


class RegistryClient:
    """A channel of grpcio to a registry. Every unary method of every service is a method of it, and takes the fields.

        client.GetDialogue(name="dialogues/x")
        client.refusal("GetDialogue", name="dialogues/y").reason
    """

    def __init__(self, api, address, shares_connection=True, token=None, credentials=None):
        self.api = api
        self.address = address
        options = [] if shares_connection else [("grpc.use_local_subchannel_pool", 1)]
        if credentials is None:
            self._connection = grpc.insecure_channel(address, options=options)
        else:
            self._connection = grpc.secure_channel(address, credentials, options=options)
        self.channel = grpc.intercept_channel(self._connection, Bearer(token)) if token else self._connection

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def __getattr__(self, method):
        if not self.api.has_method(method):
            raise AttributeError(f"plenary.v1 has no method {method}")
        return lambda **fields: self.ask(method, **fields)

    def ask(self, method, **fields):
        return self.api.stub(self.channel, method)(self.api.request(method, **fields), timeout=CALL_SECONDS)

    def ask_with_headers(self, method, **fields):
        """The answer, and the metadata that came before it."""
        call = self.api.stub(self.channel, method).with_call
        answer, call = call(self.api.request(method, **fields), timeout=CALL_SECONDS)
        return answer, dict(call.initial_metadata())

    def refusal(self, method, **fields):
        """Why a call is refused."""
        return Refusal(error_of(self.api.stub(self.channel, method), self.api.request(method, **fields)))

    def names(self, method, **fields):
        """The names of the records on the first page of a list."""
        return [record.name for record in self.records(method, **fields)]

    def records(self, method, **fields):
        """The records on the first page of a list."""
        return records_of(self.ask(method, **fields))

    def pages(self, method, **fields):
        """The records of a list, page by page until the last one."""
        token = ""
        while True:
            page = self.ask(method, page_token=token, **fields)
            yield records_of(page)
            token = page.next_page_token
            if not token:
                return

    def import_requests(self, records, **header):
        """The messages of an import."""
        request = self.api.ImportRegistryRequest
        yield request(header=request.Header(**header))
        for record in records:
            yield request(record=record)

    def import_records(self, records, **header):
        """Imports records: the results, one for each, and the summary."""
        answers = self.api.stub(self.channel, "ImportRegistry")(
            self.import_requests(records, **header), timeout=CALL_SECONDS
        )
        return self.import_outcome(answers)

    @staticmethod
    def import_outcome(answers):
        results = []
        summary = None
        for answer in answers:
            assert summary is None, "the summary is the last message"
            results += answer.results.results
            if answer.HasField("summary"):
                summary = answer.summary
        outcomes = Counter(type(result).Outcome.Name(result.outcome) for result in results)
        return SimpleNamespace(results=results, summary=summary, outcomes=dict(outcomes))

    def export(self, **fields):
        """The records of an export."""
        call = self.api.stub(self.channel, "ExportRegistry")
        # All records of a long test have taken a debug build on a slow machine more than a minute.
        answers = call(self.api.request("ExportRegistry", **fields), timeout=10 * CALL_SECONDS)
        assert next(answers).HasField("header")
        return [answer.record for answer in answers]


class Bearer(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Sends a token with every call."""

    def __init__(self, token):
        self._metadata = ("authorization", f"Bearer {token}")

    def _intercept(self, proceed, details, request):
        changed = SimpleNamespace(
            method=details.method,
            timeout=details.timeout,
            metadata=[*(details.metadata or []), self._metadata],
            credentials=details.credentials,
            wait_for_ready=details.wait_for_ready,
            compression=details.compression,
        )
        return proceed(changed, request)

    intercept_unary_unary = _intercept
    intercept_unary_stream = _intercept
    intercept_stream_unary = _intercept
    intercept_stream_stream = _intercept


class Refusal:
    """What an error tells: its code and message, and what its details say."""

    def __init__(self, error):
        self.error = error
        self.code = error.code()
        self.message = error.details()
        self._read(rpc_status.from_call(error))

    @classmethod
    def of_result(cls, result):
        """What the error of one record in an import tells."""
        refusal = cls.__new__(cls)
        refusal.error = None
        refusal.code = next(code for code in grpc.StatusCode if code.value[0] == result.error.code)
        refusal.message = result.error.message
        refusal._read(result.error)
        return refusal

    def detail(self, message):
        """The detail of a type; None if there is none."""
        for packed in self._details:
            if packed.Is(message.DESCRIPTOR):
                packed.Unpack(found := message())
                return found
        return None

    @property
    def fields(self):
        """The fields that BadRequest names, and why."""
        violations = self.detail(error_details_pb2.BadRequest)
        return {found.field: found.reason for found in violations.field_violations} if violations else {}

    @property
    def obstacles(self):
        """The records that PreconditionFailure names."""
        failure = self.detail(error_details_pb2.PreconditionFailure)
        return [violation.subject for violation in failure.violations] if failure else []

    @property
    def resource(self):
        """The type and the name of the record that ResourceInfo names."""
        found = self.detail(error_details_pb2.ResourceInfo)
        return (found.resource_type, found.resource_name) if found else None

    def _read(self, status):
        assert status is not None, f"{self.code} {self.message} has no details"
        assert (status.code, status.message) == (self.code.value[0], self.message)
        self._details = status.details
        types = [packed.type_url for packed in self._details]
        assert len(types) == len(set(types)), "AIP-193: at most one detail of a type"
        info = self.detail(error_details_pb2.ErrorInfo)
        assert info is not None and info.domain == DOMAIN
        self.reason = info.reason
        self.metadata = dict(info.metadata)


def records_of(page):
    """The records of a page of any kind."""
    return list(getattr(page, page.DESCRIPTOR.fields_by_number[1].name))


def content(record):
    """The record of a kind that stands in a Record."""
    return getattr(record, record.WhichOneof("kind"))
