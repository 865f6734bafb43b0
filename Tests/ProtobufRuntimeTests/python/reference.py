"""Asks the reference implementation of protobuf about messages.

reference.py CASES ROOT... reads a JSON file {"protos": [...], "cases": [{"type", "binary", "json"}]} and prints a list
of answers, one for each case: what its binary and its JSON are to the reference implementation.
"""

import base64
import json
import math
import os
import sys
import tempfile

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_tools import protoc


def pool_of(protos, roots):
    """The descriptors of the protos and all they import, compiled here and not taken from our generator."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "set.binpb")
        own = os.path.join(os.path.dirname(grpc_tools.__file__), "_proto")
        arguments = ["protoc"] + ["-I" + root for root in roots + [own]]
        if protoc.main(arguments + ["--include_imports", "--descriptor_set_out=" + out] + protos):
            sys.exit("reference.py: protoc failed")
        with open(out, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return pool


def is_same(left, right):
    """Whether two JSON values are the same; Python takes True for 1, and an integer for a float."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return left == right and math.copysign(1, left) == math.copysign(1, right) or left == right == 0
    return left == right


def encoded(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def answer(case, pool):
    message_class = message_factory.GetMessageClass(pool.FindMessageTypeByName(case["type"]))
    result = {}
    if case.get("binary") is not None:
        try:
            message = message_class.FromString(base64.b64decode(case["binary"]))
            result["fromBinary"] = encoded(message)
            result["json"] = json_format.MessageToJson(message, descriptor_pool=pool, indent=None)
            if case.get("json") is not None:
                ours = json.loads(case["json"])
                result["isSameJSON"] = is_same(ours, json_format.MessageToDict(message, descriptor_pool=pool))
        except Exception as error:  # Every refusal is an answer.
            result["binaryError"] = f"{type(error).__name__}: {error}"
    if case.get("json") is not None:
        try:
            message = json_format.Parse(case["json"], message_class(), descriptor_pool=pool)
            result["fromJSON"] = encoded(message)
        except Exception as error:
            result["jsonError"] = f"{type(error).__name__}: {error}"
    return result


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    pool = pool_of(request["protos"], sys.argv[2:])
    json.dump([answer(case, pool) for case in request["cases"]], sys.stdout)


if __name__ == "__main__":
    main()
