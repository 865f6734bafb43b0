"""Long-running operations, as grpcio has the standard service of them."""

import grpc
import pytest
from google.longrunning import operations_pb2 as operations
from google.protobuf import duration_pb2, empty_pb2

from plenary_testing.calls import CALL_SECONDS
from plenary_testing.registry import Refusal

SERVICE = "/google.longrunning.Operations/"


class Operations:
    """The standard service of operations, as grpcio has it."""

    def __init__(self, client):
        def method(name, request, response):
            call = client.channel.unary_unary(
                f"{SERVICE}{name}", request_serializer=request.SerializeToString, response_deserializer=response.FromString
            )
            return lambda **fields: call(request(**fields), timeout=CALL_SECONDS)

        self.get = method("GetOperation", operations.GetOperationRequest, operations.Operation)
        self.list = method("ListOperations", operations.ListOperationsRequest, operations.ListOperationsResponse)
        self.wait = method("WaitOperation", operations.WaitOperationRequest, operations.Operation)
        self.cancel = method("CancelOperation", operations.CancelOperationRequest, empty_pb2.Empty)
        self.delete = method("DeleteOperation", operations.DeleteOperationRequest, empty_pb2.Empty)

    def finish(self, operation):
        """Waits for an operation to end."""
        ended = self.wait(name=operation.name, timeout=duration_pb2.Duration(seconds=CALL_SECONDS - 5))
        assert ended.done
        return ended

    def refusal(self, method, **fields):
        with pytest.raises(grpc.RpcError) as refused:
            getattr(self, method)(**fields)
        return Refusal(refused.value)


def unpacked(packed, message):
    found = message()
    assert packed.Unpack(found)
    return found
