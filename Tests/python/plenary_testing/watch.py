"""Watches a server while a test ill-treats it: its other callers, and its memory."""

import threading
import time
from pathlib import Path

import grpc

ANSWER_SECONDS_MAX = 1
MEMORY_GROWTH_MAX = 64 * 1024 * 1024


class Watch:
    """A caller that asks one simple thing after another, before, during and after an attack.

        with Watch(server, ask):
            …the attack on server…

    Leaving the block fails if an answer took more than a second, if a new caller finds no answer in a second, or if the
    server's memory has grown by more than 64 MB in between. `ask` makes one call on a channel.
    """

    def __init__(self, server, ask):
        self._server = server
        self._ask = ask
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._asked_once = threading.Event()
        self._worst = 0
        self._failure = None

    def __enter__(self):
        self._thread.start()
        assert self._asked_once.wait(10), "the server answers nobody even before the attack"
        self._worst = 0
        self._memory = reset_peak_memory(self._server.pid)
        return self._server

    def __exit__(self, kind, error, trace):
        self._stopped.set()
        self._thread.join()
        if kind is not None:
            return
        assert self._failure is None, f"a call failed beside the attack: {self._failure}"
        assert self._worst <= ANSWER_SECONDS_MAX, f"a call took {self._worst:.2f} s beside the attack"
        with _own_channel(self._server.address) as channel:
            seconds = self._measure(channel)
        assert seconds <= ANSWER_SECONDS_MAX, f"a new caller waited {seconds:.2f} s after the attack"
        growth = peak_memory(self._server.pid) - self._memory
        assert growth <= MEMORY_GROWTH_MAX, f"the server's memory grew by {growth >> 20} MB"

    def _run(self):
        with _own_channel(self._server.address) as channel:
            try:
                while not self._stopped.is_set():
                    self._worst = max(self._worst, self._measure(channel))
                    self._asked_once.set()
                    # Asks often enough to meet a stall, and leaves the processor to the others.
                    self._stopped.wait(0.02)
            except grpc.RpcError as failure:
                self._failure = failure

    def _measure(self, channel):
        start = time.monotonic()
        self._ask(channel)
        return time.monotonic() - start


def _own_channel(address):
    # Channels of one process share connections, unless they differ.
    return grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)])


def memory(pid):
    """The bytes of memory that a process occupies."""
    return _status(pid, "VmRSS")


def peak_memory(pid):
    """The most that it has occupied since `reset_peak_memory`."""
    return _status(pid, "VmHWM")


def reset_peak_memory(pid):
    """Forgets the peak, and returns what the process occupies now."""
    # proc(5), clear_refs: 5 resets the peak to the present value.
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return memory(pid)


def descriptors(pid):
    """How many files and sockets a process has open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _status(pid, key):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"/proc/{pid}/status has no {key}")
