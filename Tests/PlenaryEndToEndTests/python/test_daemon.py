"""How plenaryd starts, ends, and says what is in its way."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess

import grpc
import pytest

from plenary_testing import binary, run
from plenary_testing.calls import CALL_SECONDS, Requests, until
from plenary_testing.registry import RegistryClient, plenaryd

# What the words of an error may not be: they are for operators, who do not read source code.
CODE = re.compile(r"Swift|StoreError|Fatal|\.swift|Optional\(|errno")


def failing(*arguments):
    """Runs plenaryd, which fails: the exit code, and the one line in which it says why."""
    done = run("plenaryd", *arguments)
    assert done.returncode != 0 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: "), done.stderr
    assert not CODE.search(lines[0]), lines[0]
    return done.returncode, lines[0]


@pytest.fixture
def data(tmp_path):
    """A data directory with a store in it, of which nobody has hold."""
    path = tmp_path / "data"
    with plenaryd(data=path):
        pass
    return path


@contextlib.contextmanager
def database(path):
    """The database of a store that no daemon has hold of."""
    with contextlib.closing(sqlite3.connect(path / "plenary.db")) as connection, connection:
        yield connection


# Where it listens


def test_the_ready_line_says_where_it_listens_and_what_it_is(tmp_path):
    addresses = ["--listen", f"unix:{tmp_path}/socket", "--threads", "2"]
    with plenaryd(*addresses, data=tmp_path / "data") as daemon:
        port = int(daemon.address.removeprefix("127.0.0.1:"))
        assert daemon.ready == {
            "event": "ready",
            "listen": f"127.0.0.1:{port}",
            "listenAll": [f"127.0.0.1:{port}", f"unix:{tmp_path}/socket"],
            "pid": daemon.pid,
            "store": str(tmp_path / "data"),
            "version": run("plenaryd", "version").stdout.split()[1],
        }


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:7443", "plenary.example:7443"])
def test_an_address_that_others_reach_is_refused(address):
    code, line = failing("run", "--data", ":memory:", "--listen", address)
    assert code == 2
    assert address in line and "--insecure" in line


def test_an_address_that_others_reach_is_taken_if_that_is_accepted(start):
    _, daemon = start("--insecure", listen="0.0.0.0:0")
    assert daemon.address.startswith("0.0.0.0:")


@pytest.mark.parametrize("address", ["7443", "localhost", "127.0.0.1:x", "127.0.0.1:65536", "::1:80", "unix:", ""])
def test_what_is_no_address_is_refused(address):
    code, line = failing("run", "--data", ":memory:", "--listen", address)
    assert code == 2
    assert "--listen" in line and f'"{address}"' in line


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = "127.0.0.1:%d" % other.getsockname()[1]
        code, line = failing("run", "--data", ":memory:", "--listen", address)
    assert code == 1
    assert address in line and "in use" in line and "--listen" in line


def test_a_unix_socket_is_for_its_owner_and_goes_with_the_daemon(api, start, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))
    client, daemon = start(listen=f"unix:{path}")
    assert daemon.address == f"unix:{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    client.CreateTheme(theme_id="t", theme=api.theme())
    assert client.names("ListThemes") == ["themes/t"]

    code, line = failing("run", "--data", ":memory:", "--listen", f"unix:{path}")
    assert code == 1 and str(path) in line and "in use" in line
    assert client.names("ListThemes") == ["themes/t"]
    daemon.stop()
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path):
    path = tmp_path / "notes"
    path.write_text("mine")
    code, line = failing("run", "--data", ":memory:", "--listen", f"unix:{path}")
    assert code == 1 and str(path) in line
    assert path.read_text() == "mine"


# Where its data are


def test_what_is_stored_is_there_after_a_restart(api, start, tmp_path):
    client, daemon = start(data=tmp_path / "data")
    assert client.import_records(api.example()).summary.applied
    before = client.export()
    token = client.ListThemes(page_size=4).next_page_token
    theme = client.GetTheme(name="themes/use-fund")
    daemon.stop()
    client, _ = start(data=tmp_path / "data")
    assert client.export() == before
    assert client.GetTheme(name="themes/use-fund") == theme
    assert len(client.records("ListThemes", page_size=4, page_token=token)) == 4


def test_a_data_directory_belongs_to_one_daemon(start, tmp_path):
    client, daemon = start(data=tmp_path / "data")
    code, line = failing("run", "--listen", "127.0.0.1:0", "--data", tmp_path / "data")
    assert code == 1
    assert str(tmp_path / "data") in line and f"process {daemon.pid}" in line
    assert run("plenaryd", "validate", "--data", tmp_path / "data").stdout.count(f"process {daemon.pid}") == 1
    assert client.names("ListThemes") == []


def test_a_data_directory_is_free_again_after_a_kill(start, tmp_path):
    with plenaryd(data=tmp_path / "data") as first:
        first.kill()
    start(data=tmp_path / "data")


def test_a_store_of_a_newer_version_is_left_alone(data):
    with database(data) as connection:
        connection.execute("UPDATE meta SET schema = 99, min_reader = 99")
    before = (data / "plenary.db").read_bytes()
    for verb in [("run", "--listen", "127.0.0.1:0"), ("validate",)]:
        code, line = failing(*verb, "--data", data)
        assert code == 1
        assert str(data) in line and "99" in line and "newer" in line
    assert (data / "plenary.db").read_bytes() == before


def test_a_store_that_a_newer_version_says_can_be_read_is_opened(data, start):
    with database(data) as connection:
        connection.execute("UPDATE meta SET schema = 99")
    client, _ = start(data=data)
    assert client.names("ListThemes") == []


@pytest.mark.parametrize("content", [b"this is no database, though it is long enough\n" * 100, b"xx"])
def test_a_file_that_is_no_database_is_left_alone(tmp_path, content):
    (tmp_path / "plenary.db").write_bytes(content)
    code, line = failing("run", "--listen", "127.0.0.1:0", "--data", tmp_path)
    assert code == 1
    assert str(tmp_path) in line and "damaged" in line
    assert (tmp_path / "plenary.db").read_bytes() == content


def test_the_database_of_another_program_is_left_alone(tmp_path):
    with database(tmp_path) as connection:
        connection.execute("CREATE TABLE notes(text TEXT)")
    before = (tmp_path / "plenary.db").read_bytes()
    for verb in [("run", "--listen", "127.0.0.1:0"), ("validate",)]:
        code, line = failing(*verb, "--data", tmp_path)
        assert code == 1
        assert str(tmp_path) in line and "not a store of this program" in line
    assert (tmp_path / "plenary.db").read_bytes() == before


def test_a_damaged_store_is_named(data):
    with database(data) as connection:
        connection.execute("DELETE FROM meta")
    code, line = failing("run", "--listen", "127.0.0.1:0", "--data", data)
    assert code == 1
    assert str(data) in line and "damaged" in line and "copy" in line


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/plenary", "/dev/null/plenary"])
def test_a_place_where_no_store_can_be_is_named(tmp_path, place):
    (tmp_path / "file").write_text("mine")
    # That nothing can be made in /proc shows only to who tries.
    verbs = [("run", "--listen", "127.0.0.1:0"), ("validate",)][: 1 if place.startswith("/proc") else 2]
    for verb in verbs:
        code, line = failing(*verb, "--data", tmp_path / place)
        assert code == 1
        assert str(tmp_path / place) in line and "--data" in line
    assert (tmp_path / "file").read_text() == "mine"


def test_nothing_is_made_where_the_daemon_does_not_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = "127.0.0.1:%d" % other.getsockname()[1]
        failing("run", "--data", tmp_path / "data", "--listen", "0.0.0.0:0")
        assert not (tmp_path / "data").exists()
        failing("run", "--data", tmp_path / "data", "--listen", address)
    # What it did make can be used.
    with plenaryd(data=tmp_path / "data"):
        pass


# Its command line


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["rnu"], "did you mean 'run'?"),
        (["valdate"], "did you mean 'validate'?"),
        (["run", "--lisen", "127.0.0.1:0"], "Did you mean '--listen'?"),
        (["run", "--data", ":memory:", "--insecur"], "Did you mean '--insecure'?"),
        (["run", "--listen"], "--listen"),
        (["run", "--threads", "0"], "it must be a whole number from 1 to 256"),
        (["run", "--threads", "many"], "--threads: server.threads: \"many\" is not allowed"),
        (["run", "--grace", "3601s"], "it must be a time from 0s to 1h"),
        (["run", "--log-level", "loud"], "it must be one of trace, debug, info"),
        (["run", "--data", ""], "data: it is empty"),
        (["run", "everything"], "'everything'"),
    ],
)
def test_what_the_command_line_does_not_know_is_said_with_a_hint(arguments, hint):
    done = run("plenaryd", *arguments)
    assert done.returncode == 2 and done.stdout == ""
    # What stands below the first line is how the verb is used.
    assert re.match(f"error: .*{re.escape(hint)}", done.stderr), done.stderr


def test_version_and_help():
    version = run("plenaryd", "version")
    assert version.returncode == 0 and re.fullmatch(r"plenaryd \d+\.\d+\.\d+\n", version.stdout)
    for arguments in [["--help"], ["help", "run"], ["run", "--help"]]:
        done = run("plenaryd", *arguments)
        assert done.returncode == 0 and "plenaryd run" in done.stdout and done.stderr == ""


def test_validate_says_what_a_run_would_find_and_changes_nothing(data, tmp_path):
    missing = tmp_path / "missing/data"
    for place, words in [(data, "a store of schema 7"), (missing, "first run makes a store"), (":memory:", "memory")]:
        done = run("plenaryd", "validate", "--listen", "127.0.0.1:7443", "--data", place)
        assert done.returncode == 0, done.stderr
        assert "listen: 127.0.0.1:7443" in done.stdout and words in done.stdout
    assert not missing.parent.exists()
    default = run("plenaryd", "validate", env={"XDG_DATA_HOME": str(tmp_path)})
    assert f"data: {tmp_path}/plenary, where" in default.stdout
    code, line = failing("validate", "--listen", "0.0.0.0:7443", "--data", data)
    assert code == 2 and "--insecure" in line


# Its end


def refuses(client):
    """Whether a daemon that stops takes no calls any more."""
    try:
        client.names("ListThemes")
    except grpc.RpcError as error:
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        return True
    return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_calls_under_way_finish(api, start, tmp_path, number):
    client, daemon = start(data=tmp_path / "data")
    header, *records = client.import_requests(api.example())
    requests = Requests(header, *records[:20])
    call = api.stub(client.channel, "ImportRegistry")(iter(requests), timeout=CALL_SECONDS)
    # A call behind it on the connection, so that the import has begun.
    client.names("ListThemes")
    daemon.signal(number)
    with RegistryClient(api, daemon.address) as other:
        until(lambda: refuses(other), bool)
    for record in records[20:]:
        requests.send(record)
    requests.finish()
    assert client.import_outcome(call).outcomes == {"CREATED": 41}
    assert daemon.wait() == 0
    client, _ = start(data=tmp_path / "data")
    assert len(client.export()) == 41


def test_a_call_that_does_not_end_is_cut_off_behind_the_grace(api, start):
    client, daemon = start("--grace", "0")
    requests = Requests(*client.import_requests(api.example()))
    call = api.stub(client.channel, "ImportRegistry")(iter(requests), timeout=CALL_SECONDS)
    client.names("ListThemes")
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0
    requests.finish()
    with pytest.raises(grpc.RpcError):
        list(call)
    assert call.code() is grpc.StatusCode.UNAVAILABLE
    assert refuses(client)


def test_a_daemon_whose_ready_line_nobody_can_read_ends(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        done = subprocess.run(
            [binary("plenaryd"), "run", "--listen", "127.0.0.1:0", "--data", tmp_path / "data"],
            stdout=closed, stderr=subprocess.PIPE, text=True, timeout=60,
        )
    assert done.returncode == 1 and "ready line" in done.stderr


def test_the_file_of_settings_is_read_and_what_is_wrong_in_it_is_named(tmp_path):
    file = tmp_path / "plenaryd.yaml"
    file.write_text("data: ':memory:'\nserver:\n  threads: 0\nlogg: 1\nlog:\n  levle: info\n")
    done = run("plenaryd", "validate", "--config", file)
    assert done.returncode == 2 and done.stdout == ""
    threads, logg, level = done.stderr.splitlines()
    assert threads == f'error: {file}:3:12: server.threads: "0" is not allowed; it must be a whole number from 1 to 256'
    assert logg.startswith(f"error: {file}:4:7: there is no key logg")
    assert level.startswith(f"error: {file}:6:10: there is no key log.levle, did you mean 'log.level'?")
    file.write_text("data: ':memory:'\nlisten: 127.0.0.1:9\n")
    done = run("plenaryd", "validate", "--config", str(file), "--listen", "127.0.0.1:8")
    assert done.returncode == 0
    assert done.stdout == "listen: 127.0.0.1:8\ndata: in memory, for one run\n"


def test_signals_change_the_log_of_a_running_daemon(start, tmp_path):
    file = tmp_path / "plenaryd.yaml"
    file.write_text("log:\n  level: info\n  format: json\n")
    client, daemon = start("--config", str(file))

    def wait_for(event):
        until(lambda: [json.loads(line)["event"] for line in daemon.log.splitlines()], lambda events: event in events)

    daemon.signal(signal.SIGUSR1)
    wait_for("log.level.changed")
    client.names("ListThemes")
    wait_for("call.finished")
    lines = [json.loads(line) for line in daemon.log.splitlines()]
    call = next(line for line in lines if line["event"] == "call.finished")
    assert call["call.method"] == "/plenary.v1.ThemeService/ListThemes" and call["call.status"] == "OK"
    # The id names the connection and the stream, which a client gives odd numbers.
    connection, stream = call["call.id"].split(".")
    assert int(connection) >= 1 and int(stream) % 2 == 1
    file.write_text("log:\n  level: loud\n")
    daemon.signal(signal.SIGHUP)
    wait_for("configuration.refused")
    file.write_text("log:\n  level: warning\n")
    daemon.signal(signal.SIGHUP)
    wait_for("configuration.reloaded")


def test_what_the_store_makes_is_for_its_own_user_alone(start, tmp_path):
    tmp_path.chmod(0o755)
    start(data=tmp_path)
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_daemon_and_command_line_are_of_one_version():
    daemon, command = run("plenaryd", "version"), run("plenary", "version", "--output", "name")
    assert daemon.stdout == f"plenaryd {command.stdout}"
