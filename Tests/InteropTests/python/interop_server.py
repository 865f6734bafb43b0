"""grpcio's server of grpc.testing.TestService, for the tests of our client.

It serves in clear and with TLS. It prints a ready line like our own servers, with the TLS address and the file of the
authority that signed its certificate, and stops when its standard input ends: so it outlives nobody.
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

from plenary_testing import Stubs
from plenary_testing.certificates import Authority

PROTOS = ["grpc/testing/empty.proto", "grpc/testing/messages.proto", "grpc/testing/test.proto"]
CODES = {code.value[0]: code for code in grpc.StatusCode}


def make_service(stubs):
    empty = stubs["grpc/testing/empty.proto"][0]
    messages = stubs["grpc/testing/messages.proto"][0]
    services = stubs["grpc/testing/test.proto"][1]

    class TestService(services.TestServiceServicer):
        """As gRPC's interop test descriptions define it; UnimplementedCall stays what its base class makes of it."""

        def EmptyCall(self, request, context):
            return empty.Empty()

        def UnaryCall(self, request, context):
            echo_metadata(context)
            if request.response_compressed.value:
                context.set_compression(grpc.Compression.Gzip)
            abort_if_asked(request.response_status, context)
            return messages.SimpleResponse(payload=messages.Payload(body=bytes(request.response_size)))

        def StreamingInputCall(self, requests, context):
            total = sum(len(request.payload.body) for request in requests)
            return messages.StreamingInputCallResponse(aggregated_payload_size=total)

        def StreamingOutputCall(self, request, context):
            echo_metadata(context)
            context.set_compression(grpc.Compression.Gzip)
            yield from self._answers(request, context)

        def FullDuplexCall(self, requests, context):
            echo_metadata(context)
            for request in requests:
                yield from self._answers(request, context)

        def HalfDuplexCall(self, requests, context):
            for request in list(requests):
                yield from self._answers(request, context)

        def _answers(self, request, context):
            for parameters in request.response_parameters:
                time.sleep(parameters.interval_us / 1e6)
                if not parameters.compressed.value:
                    context.disable_next_message_compression()
                payload = messages.Payload(body=bytes(parameters.size))
                yield messages.StreamingOutputCallResponse(payload=payload)
            abort_if_asked(request.response_status, context)

    return TestService(), services


def echo_metadata(context):
    for key, value in context.invocation_metadata():
        if key == "x-grpc-test-echo-initial":
            context.send_initial_metadata([(key, value)])
        elif key == "x-grpc-test-echo-trailing-bin":
            context.set_trailing_metadata([(key, value)])


def abort_if_asked(status, context):
    if status.code != 0:
        context.abort(CODES[status.code], status.message)


def main():
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(max_workers=16) as threads:
        service, services = make_service(Stubs(folder, PROTOS))
        server = grpc.server(threads)
        services.add_TestServiceServicer_to_server(service, server)
        port = server.add_insecure_port("127.0.0.1:0")
        authority = Authority(f"{folder}/authority")
        own = authority.server()
        credentials = grpc.ssl_server_credentials([(own.key, own.certificate)])
        secure_port = server.add_secure_port("127.0.0.1:0", credentials)
        server.start()
        ready = {
            "event": "ready",
            "listen": f"127.0.0.1:{port}",
            "listenTLS": f"127.0.0.1:{secure_port}",
            "authority": str(authority.certificate_file),
        }
        print(json.dumps(ready), flush=True)
        sys.stdin.read()
        server.stop(grace=None).wait()


if __name__ == "__main__":
    main()
