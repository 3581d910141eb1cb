"""A reverse proxy as a host would put before the site: a path prefix that it strips."""

import contextlib
import socket
import threading


class Proxy:
    """Every connection carries one request to `port`, streamed.

    outside: where it listens; 0 for any free port.
    """

    def __init__(self, prefix: str, port: int, outside: int = 0):
        self._prefix = prefix.encode()
        self._port = port
        self._listener = socket.create_server(("127.0.0.1", outside))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{prefix}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (part := client.recv(65536)):
                    return
                head += part
            line, rest = head.split(b"\r\n", 1)
            method, path, version = line.split(b" ")
            if path == self._prefix:  # as nginx does: what the page names relatively needs it
                moved = b"HTTP/1.1 301 Moved Permanently\r\nlocation: " + path + b"/\r\n"
                client.sendall(moved + b"content-length: 0\r\n\r\n")
                return
            if not path.startswith(self._prefix + b"/"):
                client.sendall(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
                return
            inner = path[len(self._prefix) :]
            kept = [h for h in rest.split(b"\r\n") if not h.lower().startswith(b"connection:")]
            forwarded = b"X-Forwarded-Proto: http\r\nConnection: close\r\n"
            with socket.create_connection(("127.0.0.1", self._port)) as site:
                request = b" ".join((method, inner, version)) + b"\r\n" + forwarded
                site.sendall(request + b"\r\n".join(kept))
                up = threading.Thread(target=_pipe, args=(client, site), daemon=True)
                up.start()
                _pipe(site, client)
                with contextlib.suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
                up.join(5)


def _pipe(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
