"""pipe.py PORT: joins standard input and output with a port here. QEMU runs it for each connection of a guest."""

import os
import socket
import sys
import threading


def to_port(connection: socket.socket) -> None:
    """Pass on what the guest sends; its end is passed on too."""
    while data := os.read(0, 65536):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


def main() -> None:
    """Pass on until the port has closed."""
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as connection:
        threading.Thread(target=to_port, args=(connection,), daemon=True).start()
        while data := connection.recv(65536):
            os.write(1, data)


if __name__ == "__main__":
    main()
