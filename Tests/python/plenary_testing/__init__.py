"""What the Python suites share: our programs as processes, and stubs of the protos for foreign gRPC clients."""

from plenary_testing.process import ServerProcess, binary, run
from plenary_testing.stubs import CHECKOUT, Stubs

__all__ = ["CHECKOUT", "ServerProcess", "Stubs", "binary", "run"]
