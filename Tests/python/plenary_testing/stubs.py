"""Python stubs of our protos and of the ones that gRPC publishes. They are made anew for each run."""

import importlib
import subprocess
import sys
import sysconfig
from pathlib import Path

import grpc

CHECKOUT = Path(__file__).resolve().parents[3]

# The roots that `dev generate` uses: ours before those of packages.
IMPORT_ROOTS = [
    str(CHECKOUT / "Protos"),
    sysconfig.get_path("purelib"),
    "/usr/include",
    "/usr/share/grpc-proto",
]


class Stubs:
    """Makes stubs below `folder`, and imports them from there.

        messages, services = stubs["kit/v1/echo.proto"]
    """

    def __init__(self, folder, protos):
        self._protos = set(protos)
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{self._renamed(Path(folder) / 'renamed')}"]
        command += [f"-I{root}" for root in IMPORT_ROOTS]
        command += [f"--python_out={folder}", f"--grpc_python_out={folder}"]
        made = subprocess.run([*command, *sorted(self._protos)], capture_output=True, text=True)
        if made.returncode != 0:
            raise RuntimeError(f"protoc made no stubs:\n{made.stderr}")
        sys.path.insert(0, str(folder))
        # The stubs of grpc.testing and its like lie in a package of grpcio's name, which is not looked for twice. And
        # grpcio gives its add-ons such names too, whose protos are older than ours.
        grpc.__path__.append(str(Path(folder) / "grpc"))
        for alias in ("grpc.health", "grpc.reflection"):
            sys.modules.pop(alias, None)
        importlib.invalidate_caches()

    def __getitem__(self, proto):
        """The modules of a proto: its messages, and its services' stubs and servicers."""
        if proto not in self._protos:
            raise KeyError(f"{proto} is not among the protos that stubs were made of")
        name = proto.removesuffix(".proto").replace("/", ".")
        return importlib.import_module(f"{name}_pb2"), importlib.import_module(f"{name}_pb2_grpc")

    @staticmethod
    def _renamed(root):
        """A root with operations.proto, which its package has under another name than that it is imported by."""
        target = root / "google/longrunning"
        target.mkdir(parents=True)
        source = Path(sysconfig.get_path("purelib"), "google/longrunning/operations_proto.proto")
        (target / "operations.proto").write_bytes(source.read_bytes())
        return root

    @staticmethod
    def ours(folder):
        """The protos of this checkout below a folder of `Protos`, by the names under which they are imported."""
        root = CHECKOUT / "Protos"
        return [str(path.relative_to(root)) for path in sorted((root / folder).rglob("*.proto"))]
