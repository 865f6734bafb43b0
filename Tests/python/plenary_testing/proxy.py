"""A network between two programs, which a test can break."""

import socket
import threading


class Proxy:
    """Passes connections on to an address, until it is told to cut them or to swallow everything."""

    def __init__(self, target):
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._open = threading.Event()
        self._open.set()
        self._allowance = None
        self._sockets = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def pause(self):
        """Takes what comes and passes nothing on, as a network does that drops everything."""
        self._open.clear()

    def pause_after(self, count):
        """Passes so many bytes more to the one that connects, and then nothing."""
        self._allowance = count

    def resume(self):
        """Passes on again, first what was held back."""
        self._allowance = None
        self._open.set()

    def cut(self):
        """Ends every connection that there is."""
        with self._lock:
            for end in self._sockets:
                # Both directions, so that the thread that reads from it wakes up too.
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self._sockets.clear()

    def close(self):
        self.resume()
        self._listener.close()
        self.cut()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            with self._lock:
                self._sockets |= {near, far}
            for source, sink, is_answer in [(near, far, False), (far, near, True)]:
                threading.Thread(target=self._pass_on, args=(source, sink, is_answer), daemon=True).start()

    def _pass_on(self, source, sink, is_answer):
        try:
            while data := source.recv(1 << 16):
                if is_answer and self._allowance is not None:
                    self._allowance -= len(data)
                    if self._allowance < 0:
                        self.pause()
                self._open.wait()
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
