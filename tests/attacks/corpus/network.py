"""Reaching services of the machine and beyond."""

# ruff: noqa: E501 - payloads are code in strings

from corpus import LANDLOCK, LIMITS, plain, service

ATTACKS = [
    plain("service_on_loopback", "connects to a service of the machine on loopback", "import socket\n"
          "try: s = socket.create_connection(('127.0.0.1', @port@), 2); s.sendall(b'@trace@\\n'); s.recv(1)\nexcept OSError as error: print(error)\n", opens=(LANDLOCK, LIMITS)),
    plain("datagrams", "sends datagrams to a service of the machine", "import socket\n"
          "try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'@trace@', ('127.0.0.1', @port@))\nexcept OSError as error: print(error)\n", opens=(LANDLOCK, LIMITS)),
    plain("socket_in_a_folder", "connects to a socket in the user's home, as docker's and ssh-agent's are", "import socket\n"
          "try: s = socket.socket(socket.AF_UNIX); s.connect('@socket@'); s.sendall(b'@trace@\\n'); s.recv(1)\nexcept OSError as error: print(error)\n", opens=(LANDLOCK, LIMITS)),
    plain("abstract_socket", "connects to an abstract socket, as a desktop's bus is", "import socket\n"
          "try: s = socket.socket(socket.AF_UNIX); s.connect('\\0@abstract@'); s.sendall(b'@trace@\\n'); s.recv(1)\nexcept OSError as error: print(error)\n", opens=(LIMITS,)),
    plain("rare_families", "opens sockets that lead around the network namespace, or into rare kernel code", "import socket\n"
          "for family, kind in ((40, 1), (38, 5), (17, 3), (29, 3), (31, 3), (44, 3), (16, 3)):\n    if family == 16: continue\n"
          "    try: socket.socket(family, kind); broken(f'family {family}')\n    except OSError as error: print(family, error.strerror)\n", spares=(LIMITS,)),
    plain("other_interfaces", "finds an interface besides loopback", "import socket\n"
          "others = [name for _, name in socket.if_nameindex() if name != 'lo']\n"
          "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ntry: s.connect(('192.0.2.1', 9)); broken(s.getsockname())\nexcept OSError as error: print(error)\n", spares=(LANDLOCK, LIMITS)),
    service("answer_without_end", "answers with a body that has no end", """
async def app(scope, receive, send):
    if scope["type"] != "http": return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True: await send({"type": "http.response.body", "body": b"9" * (1 << 20), "more_body": True})
"""),
    service("answer_that_unpacks", "answers with a small body that unpacks to gigabytes", """
import zlib
packer = zlib.compressobj(9, wbits=31)
BODY = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()
async def app(scope, receive, send):
    if scope["type"] != "http": return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-encoding", b"gzip")]})
    await send({"type": "http.response.body", "body": BODY})
"""),
    service("raw_bytes_for_http", "answers what is no HTTP, in the server's place", """
import socket, threading
listening = socket.socket(fileno=3)
while True:
    s, _ = listening.accept()
    s.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: -5\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nffffffffffffffff\\r\\n"); s.close()
"""),
    service("floods_the_host", "posts a body without end to the judge's own application", caller="""
import socket, sys, urllib.parse
url = urllib.parse.urlparse(sys.argv[1])
s = socket.create_connection((url.hostname, url.port))
s.sendall(b"POST / HTTP/1.1\\r\\nHost: x\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
chunk = b"100000\\r\\n" + b"1" * (1 << 20) + b"\\r\\n"
try:
    for _ in range(400): s.sendall(chunk)
    broken("400 MiB were taken")
except OSError as error: print(error)
"""),
]  # fmt: skip
