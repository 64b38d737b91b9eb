"""The program `gcloud` of the stand-in, and the side that answers it over a socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from mlops_course.gcloud.cloud import Cloud

PROGRAM = """\
#!/bin/bash
# Stands in for gcloud: hands its arguments to the cloud on the other side of a socket, and says what that answers.
exec 3<> "/dev/tcp/127.0.0.1/$STAND_IN_PORT" || exit 1
for setting in $(compgen -e CLOUDSDK_); do set -- "$setting=${!setting}" "$@"; done
printf '%s\\0' "$#" "$@" >&3
IFS= read -r -u 3 status || exit 1
while IFS= read -r -u 3 line; do
    case $line in
        out:*) printf '%s\\n' "${line#out:}" ;;
        err:*) printf '%s\\n' "${line#err:}" >&2 ;;
    esac
done
exit "$status"
"""


@contextmanager
def answering(cloud: Cloud, listening: socket.socket) -> Iterator[int]:
    """Answer the stand-ins that connect to the socket; gives its port."""
    thread = threading.Thread(target=_answer_all, args=(cloud, listening), daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        # An accept that waits is not woken by close: shutdown wakes it.
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def _answer_all(cloud: Cloud, listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                arguments = _receive(connection)
                status, out, err = cloud.gcloud(*_with_settings(arguments))
                lines = [str(status), *(f"out:{line}" for line in out.splitlines())]
                lines += [f"err:{line}" for line in err.splitlines()]
                connection.sendall(("\n".join(lines) + "\n").encode())
            except (OSError, ValueError):
                continue


def _receive(connection: socket.socket, limit: int = 65536) -> tuple[str, ...]:
    data = b""
    while len(data) < limit:
        parts = data.split(b"\0")
        if len(parts) > 1 and len(parts) >= int(parts[0]) + 2:
            return tuple(part.decode("utf-8", "replace") for part in parts[1 : int(parts[0]) + 1])
        piece = connection.recv(4096)
        if not piece:
            break
        data += piece
    raise ValueError("the stand-in hung up")


def _with_settings(words: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    """What was called, and the properties that the environment sets: CLOUDSDK_CORE_PROJECT is core/project."""
    count = next((at for at, word in enumerate(words) if not word.startswith("CLOUDSDK_")), len(words))
    settings = {}
    for word in words[:count]:
        name, _, value = word.partition("=")
        settings[name.removeprefix("CLOUDSDK_").lower().replace("_", "/", 1)] = value
    return words[count:], settings
