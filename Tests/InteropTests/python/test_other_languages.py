"""grpc-java and grpc-go call the test server and a registry. Their programs lie in `../java` and `../go`.

They are built against what Debian packages of them; where that is not installed, they are passed over.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from plenary_testing.registry import plenaryd
from plenary_testing.stubs import CHECKOUT, IMPORT_ROOTS

pytestmark = pytest.mark.full

SOURCES = CHECKOUT / "Tests/InteropTests"
PROTOS = [
    "google/rpc/error_details.proto", "grpc/testing/test.proto", "plenary/v1/import.proto", "plenary/v1/theme.proto",
]

JARS = Path("/usr/share/java")
GO_PATH = Path("/usr/share/gocode")
# Where Debian's Go has the stubs of Google's protos whose types its gRPC hands out.
GO_PACKAGES = {
    "google/rpc/error_details.proto": "google.golang.org/genproto/googleapis/rpc/errdetails",
    "google/rpc/status.proto": "google.golang.org/genproto/googleapis/rpc/status",
}

CASES = [
    "large_unary", "server_streaming", "cancel", "deadline", "status_message", "import", "list", "get", "stale_etag",
    "error_details",
]

BUILD_SECONDS = 300
RUN_SECONDS = 120


@pytest.fixture(scope="module")
def outcomes(server, request, tmp_path_factory):
    """What a program says of its cases, by their names."""
    command = BUILDERS[request.param](tmp_path_factory.mktemp(request.param))
    with plenaryd() as registry:
        said = run([*command, server.address, registry.address], seconds=RUN_SECONDS)
    return dict(line.split(" ", 1) for line in said.splitlines())


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("outcomes", ["java", "go"], indirect=True)
def test_a_client_in_another_language(outcomes, case):
    assert outcomes[case] == "ok"


def build_java(folder):
    need("javac", "java", "grpc_java_plugin", JARS / "grpc-netty.jar", JARS / "protobuf.jar")
    run(
        ["protoc", *roots(), f"--java_out={folder}", f"--grpc-java_out={folder}"]
        + [f"--plugin=protoc-gen-grpc-java={shutil.which('grpc_java_plugin')}", *with_imports(folder)]
    )
    classes = folder / "classes"
    sources = [SOURCES / "java/SmokeClient.java", *folder.rglob("*.java")]
    run(["javac", "-nowarn", "-proc:none", "-encoding", "UTF-8", "-cp", JARS / "*", "-d", classes, *sources])
    return ["java", "-cp", f"{classes}:{JARS}/*", "SmokeClient"]


def build_go(folder):
    need("go", "protoc-gen-go", "protoc-gen-go-grpc", GO_PATH / "src/google.golang.org/grpc")
    stubs = folder / "src/stubs"
    stubs.mkdir(parents=True)
    protos = with_imports(folder)
    packages = {proto: GO_PACKAGES.get(proto) or go_package(Path(proto).parent) for proto in protos}
    names = [f"M{proto}={package}" for proto, package in packages.items()]
    options = ",".join(["paths=import", *names])
    run(
        ["protoc", *roots(), f"--go_out={folder / 'src'}", f"--go_opt={options}"]
        + [f"--go-grpc_out={folder / 'src'}", f"--go-grpc_opt={options}"]
        + [proto for proto in protos if packages[proto].startswith("stubs/")]
    )
    program = folder / "smoke"
    # As Debian's packages want it: no modules, and nothing is downloaded.
    environment = {"GO111MODULE": "off", "GOPATH": f"{folder}:{GO_PATH}", "GOFLAGS": "", "GOPROXY": "off"}
    environment |= {"GOCACHE": str(folder / "cache"), "HOME": str(folder), "PATH": "/usr/bin:/bin", "CGO_ENABLED": "0"}
    run(["go", "build", "-o", program, SOURCES / "go/smoke.go"], env=environment, cwd=folder)
    return [program]


def go_package(folder):
    """The package of a folder of protos: where it is, and what it calls itself."""
    return f"stubs/{folder};{'_'.join(folder.parts)}"


BUILDERS = {"java": build_java, "go": build_go}


def need(*programs):
    """Passes the test over if a program, or a file, is not installed."""
    missing = [str(it) for it in programs if not (it.exists() if isinstance(it, Path) else shutil.which(it))]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def roots():
    return [f"-I{root}" for root in IMPORT_ROOTS]


def with_imports(folder):
    """The protos and all that they import, but for those that come with protobuf itself."""
    image = folder / "image.binpb"
    run(["protoc", *roots(), "--include_imports", f"--descriptor_set_out={image}", *PROTOS])
    names = [file.name for file in FileDescriptorSet.FromString(image.read_bytes()).file]
    return [name for name in names if not name.startswith("google/protobuf/")]


def run(command, seconds=BUILD_SECONDS, **settings):
    """Runs a program, which has to end well, and returns what it printed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=seconds, **settings)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}:\n{done.stderr or done.stdout}"
    return done.stdout
