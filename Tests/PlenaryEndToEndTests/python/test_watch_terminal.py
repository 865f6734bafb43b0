"""`plenary watch`, as people and scripts use it."""

import json
import signal
import socket
import subprocess

import pytest

from plenary_testing import binary, run
from plenary_testing.process import READY_SECONDS
from plenary_testing.registry import RegistryClient, plenaryd


class WatchRun:
    """A `plenary watch` that runs until it is stopped."""

    def __init__(self, address, *arguments):
        self._process = subprocess.Popen(
            [binary("plenary"), "watch", *arguments, "--server", address],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def message(self):
        """The next message that it prints as JSON."""
        return json.loads(self._process.stdout.readline())

    def next_change(self):
        """The next message with changes: their names."""
        while True:
            message = self.message()
            if message.get("changes"):
                return [change["resource"] for change in message["changes"]]

    def stop(self, number=signal.SIGINT):
        """Stops it as Ctrl-C does; the exit code, and what it says to the side."""
        self._process.send_signal(number)
        _, side = self._process.communicate(timeout=READY_SECONDS)
        return self._process.returncode, side


def free_address():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{found.getsockname()[1]}"


def test_it_goes_on_over_a_restart_and_says_where_it_stopped(api, tmp_path):
    address = free_address()
    # Without a registry there is nothing to go on from.
    assert run("plenary", "watch", "all", "--server", address).returncode == 8
    with plenaryd(listen=address, data=tmp_path) as daemon, RegistryClient(api, daemon.address) as client:
        watch = WatchRun(address, "themes", "--output", "json")
        with watch:
            assert watch.message()["kind"] == "PROGRESS"
            client.CreateTheme(theme_id="a", theme=api.theme("a"))
            assert watch.next_change() == ["themes/a"]
            daemon.kill()
            with plenaryd(listen=address, data=tmp_path) as again, RegistryClient(api, again.address) as client:
                last = client.CreateTheme(theme_id="b", theme=api.theme("b"))
                assert watch.next_change() == ["themes/b"]
                code, side = watch.stop()
                assert code == 0
                assert f"go on with --from {last.revision}" in side
                done = run("plenary", "watch", "all", "--from", last.revision, "--until-now", "--server", address)
                assert (done.returncode, done.stdout) == (0, "")
                client.DeleteTheme(name="themes/a")
                done = run("plenary", "watch", "all", "--from", last.revision, "--until-now", "--server", address)
                assert done.returncode == 0
                assert done.stdout.splitlines()[0].split()[:3] == ["TIME", "CHANGE", "NAME"]
                assert "removed  themes/a" in done.stdout.splitlines()[1]


def test_kinds_filters_and_the_forms_of_output(start, api):
    client, daemon = start()
    for name, notation in (("a", "1"), ("b", "2")):
        client.CreateTheme(theme_id=name, theme=api.theme(name, notation=notation))

    def watch(*arguments):
        done = run("plenary", "watch", *arguments, "--until-now", "--server", daemon.address)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert watch("themes", "--filter", "notation = 2", "--from", "beginning", "-o", "name") == "themes/b\n"
    assert watch("themes", "--snapshot", "-o", "name") == "themes/a\nthemes/b\n"
    assert watch("series", "dialogues", "--snapshot", "-o", "name") == ""
    assert watch("themes", "-o", "name") == ""
    messages = [json.loads(line) for line in watch("all", "--snapshot", "-o", "json").splitlines()]
    assert [message["kind"] for message in messages] == ["SNAPSHOT", "SNAPSHOT_END", "PROGRESS"]
    yaml = watch("themes", "--from", "beginning", "-o", "yaml")
    assert yaml.startswith("---\n") and "resource: themes/a" in yaml
    for arguments, code, words in [
        (["nothing"], 2, "nothing"), (["all", "themes"], 2, "alone"), (["all", "--snapshot", "--from", "x"], 2, "exclude"),
        (["all", "--from", "x"], 7, "REVISION_INVALID"), (["themes", "--filter", "no = 1"], 7, "FILTER_FIELD_UNKNOWN"),
    ]:
        done = run("plenary", "watch", *arguments, "--server", daemon.address)
        assert done.returncode == code and words in done.stderr, done


def test_a_command_is_run_for_each_change_and_its_failure_ends_the_watch(start, api, tmp_path):
    client, daemon = start()
    for name in ("a", "b", "c"):
        client.CreateTheme(theme_id=name, theme=api.theme(name))
    seen = tmp_path / "seen"

    def watch(command):
        return run(
            "plenary", "watch", "all", "--from", "beginning", "--until-now", "--exec", command, "--server", daemon.address)

    assert watch(f"cat >> {seen}").returncode == 0
    changes = [json.loads(line) for line in seen.read_text().splitlines()]
    assert [change["resource"] for change in changes] == ["themes/a", "themes/b", "themes/c"]
    assert all(change["kind"] == "CREATED" and change["after"]["theme"]["uid"] for change in changes)
    # One that does not read what it is given is as good.
    assert watch("true").returncode == 0
    seen.unlink()
    done = watch(f"cat >> {seen}; grep -q themes/b {seen} && exit 42 || exit 0")
    assert done.returncode == 42 and "42" in done.stderr
    assert len(seen.read_text().splitlines()) == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_stopped_well_by_signals(registry, api, number):
    with WatchRun(registry.address, "all", "-o", "json") as watch:
        watch.message()
        assert watch.stop(number)[0] == 0
