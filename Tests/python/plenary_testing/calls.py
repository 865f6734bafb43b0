"""What the tests of calls have in common."""

import queue
import time

import grpc
import pytest

# Every call has a deadline, so that a server that hangs fails one test and not the run.
CALL_SECONDS = 60


class Requests:
    """The requests of a streaming call, one by one as the test wants to send them."""

    def __init__(self, *messages):
        self._queue = queue.SimpleQueue()
        for message in messages:
            self.send(message)

    def send(self, message):
        self._queue.put(message)

    def finish(self):
        self._queue.put(None)

    def __iter__(self):
        return iter(self._queue.get, None)


def error_of(call, *arguments, **options):
    """The error that a call ends with."""
    options.setdefault("timeout", CALL_SECONDS)
    with pytest.raises(grpc.RpcError) as failure:
        answer = call(*arguments, **options)
        if hasattr(answer, "__next__"):
            for _ in answer:
                pass
    return failure.value


def until(ask, accepts):
    """Asks again and again until the answer is accepted, and returns it."""
    end = time.monotonic() + CALL_SECONDS
    while True:
        answer = ask()
        if accepts(answer):
            return answer
        assert time.monotonic() < end, f"the last answer was still {answer}"
