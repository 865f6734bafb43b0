"""Asks the reference implementation of protobuf about messages.

reference.py CASES ROOT... reads a JSON file {"protos": [...], "cases": [{"type", "binary", "json"}]} and prints a list
of answers, one for each case: what its binary and its JSON are to the reference implementation.
"""

import base64
import json
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


def difference(left, right, path="$"):
    """Where two JSON values differ, or None; Python takes True for 1, and an integer for a float."""
    if isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
        found = (difference(left[key], right[key], f"{path}.{key}") for key in left)
        return next(filter(None, found), None)
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        found = (difference(*pair, f"{path}[{index}]") for index, pair in enumerate(zip(left, right)))
        return next(filter(None, found), None)
    if isinstance(left, bool) == isinstance(right, bool) and left == right:
        return None
    return f"{path}: {left!r} is not {right!r}"


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
                theirs = json_format.MessageToDict(message, descriptor_pool=pool)
                result["jsonDifference"] = difference(ours, theirs)
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
