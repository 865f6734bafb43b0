"""Programs of this checkout, started as their users start them."""

import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

# Generous, because the machine may be busy: nothing waits this long unless something is broken.
READY_SECONDS = 60
STOP_SECONDS = 60
LOG_SECONDS = 60
RUN_SECONDS = 120


def binary(name):
    """The path of one of our programs; `dev test` says where they are."""
    folder = os.environ.get("PLENARY_BIN")
    if not folder:
        raise RuntimeError("PLENARY_BIN names no folder: run `swift run dev test`, or set it to .build/debug")
    return str(Path(folder) / name)


def run(program, *arguments, env=None, stdin=""):
    """Runs a program to its end, and returns its exit code and what it printed."""
    return subprocess.run(
        [binary(program), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        env=_environment(env),
    )


class ServerProcess:
    """A server that prints a ready line and ends at SIGTERM with exit code 0.

        with ServerProcess("grpc-testserver", "--threads", 2) as server:
            channel = grpc.insecure_channel(server.address)

    Leaving the block stops it, and fails unless it ends well. A test may stop or kill it before.
    """

    def __init__(self, program, *arguments, env=None):
        self.program = program
        # What it logs goes to a file, so that it never waits for a reader, and is shown when something is wrong.
        self._log = tempfile.TemporaryFile(mode="w+")
        self._lines = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [binary(program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=_environment(env),
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.ready = self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    @property
    def address(self):
        """Where it listens, as a gRPC target."""
        return self.ready["listen"]

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        """What it has written to its standard error so far."""
        # Read without moving the position, at which the program writes on.
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def wait_for_log(self, *words):
        """Waits until it has logged all of these: what it says of an event may come after its first effect is seen."""
        end = time.monotonic() + LOG_SECONDS
        while missing := [word for word in words if word not in self.log]:
            assert time.monotonic() < end, f"{self.program} did not log {missing}; it logged:\n{self.log}"
            time.sleep(0.01)

    def next_line(self, seconds=READY_SECONDS):
        """The next line of its standard output, as JSON; None when there are no more."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"{self.program} printed no line in {seconds} s; it logged:\n{self.log}") from None
        if line is None:
            self._lines.put(None)
            return None
        return json.loads(line)

    def signal(self, number):
        self._process.send_signal(number)

    def wait(self):
        """Waits for its end, and returns the exit code, which is negative when a signal ended it."""
        try:
            code = self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            log = self.log
            self.kill()
            raise AssertionError(f"{self.program} runs on {STOP_SECONDS} s after its signal; it logged:\n{log}") from None
        self._reader.join()
        return code

    def stop(self):
        """Asks it to drain, as a supervisor does, and expects it to end well."""
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, f"{self.program} ended with {code}; it logged:\n{self.log}"

    def kill(self):
        """Ends it at once, as a crash would, and waits until it is gone."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self._process.returncode is None or self._process.returncode >= 0:
            self.stop()

    def _wait_until_ready(self):
        while (line := self.next_line()) is not None:
            if line.get("event") == "ready":
                return line
        raise AssertionError(f"{self.program} ended with {self.wait()} before it was ready; it logged:\n{self.log}")

    def _read(self):
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)


def _environment(changes):
    # A crash would otherwise leave the backtracer holding our pipe for minutes.
    return {**os.environ, "SWIFT_BACKTRACE": "enable=no", **(changes or {})}
