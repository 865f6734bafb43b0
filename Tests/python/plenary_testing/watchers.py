"""Callers that watch a registry, and what each of them holds by what it was told."""

import threading

import grpc

from plenary_testing.calls import CALL_SECONDS


class Watcher:
    """Watches in a thread of its own, and remembers every message.

        with Watcher(api, channel, from_beginning=True) as watcher:
            …
            watcher.wait_for(lambda: watcher.revision == last)

    Leaving the block cancels the watch. `error` is what ended it, if anything but that did.
    """

    def __init__(self, api, channel, paused=False, **fields):
        self.messages = []
        self.error = None
        self._api = api
        self._changed = threading.Condition()
        self._may_read = threading.Event()
        if not paused:
            self._may_read.set()
        self._call = api.stub(channel, "WatchChanges")(api.request("WatchChanges", **fields))
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cancel()

    def cancel(self):
        """Ends the watch."""
        self._call.cancel()
        self._may_read.set()
        self._thread.join(timeout=CALL_SECONDS)
        assert not self._thread.is_alive()

    def pause(self):
        """Takes nothing more."""
        self._may_read.clear()

    def go_on(self):
        """Takes what comes again."""
        self._may_read.set()

    def wait_for(self, is_so, seconds=CALL_SECONDS):
        """Waits until something is so after some message."""
        with self._changed:
            done = self._changed.wait_for(lambda: is_so() or self.error is not None, timeout=seconds)
            assert done and is_so(), f"it ended with {self.error}, after {[self._kind(m) for m in self.messages][-9:]}"

    def wait_for_revision(self, revision):
        """Waits until it was told that it has come to a revision."""
        self.wait_for(lambda: any(message.revision == revision for message in self.messages))

    def wait_for_error(self):
        """Waits until the watch has ended by itself, and returns with what."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.error is not None, timeout=CALL_SECONDS)
        return self.error

    def is_refused(self):
        """Waits for the first that comes, and says whether it is a refusal."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.messages or self.error is not None, timeout=CALL_SECONDS)
        return self.error is not None

    def wait_until_caught_up(self):
        """Waits until all that had happened was told."""
        self.wait_for(lambda: "PROGRESS" in map(self._kind, self.messages))

    @property
    def kinds(self):
        return [self._kind(message) for message in self.messages]

    @property
    def changes(self):
        """All changes and records of snapshots."""
        return [change for message in self.messages for change in message.changes]

    @property
    def revision(self):
        """The last revision, to go on from; empty if there was none."""
        return next((message.revision for message in reversed(self.messages) if message.revision), "")

    def settled(self):
        """The changes that come before the last revision."""
        last = max((i for i, message in enumerate(self.messages) if message.revision), default=-1)
        return [change for message in self.messages[: last + 1] for change in message.changes]

    def _kind(self, message):
        return self._api.WatchChangesResponse.Kind.Name(message.kind)

    def _read(self):
        error = None
        try:
            while True:
                self._may_read.wait()
                message = next(self._call)
                with self._changed:
                    self.messages.append(message)
                    self._changed.notify_all()
        except StopIteration:
            pass
        except grpc.RpcError as failure:
            if failure.code() != grpc.StatusCode.CANCELLED:
                error = failure
        with self._changed:
            self.error = error
            self._changed.notify_all()


def fold(api, changes):
    """What is held by whoever was told of these changes: the records by name."""
    kinds = api.Change.Kind
    held = {}
    for change in changes:
        known = change.resource in held
        assert known == (change.kind != kinds.Value("CREATED")), f"{change.resource} is {kinds.Name(change.kind)}"
        if change.kind == kinds.Value("REMOVED"):
            del held[change.resource]
        else:
            held[change.resource] = change.after
    return held
