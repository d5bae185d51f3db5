"""Who holds a port."""

import errno
import socket

import psutil

from hybridrec.errors import InvalidConfig

_MAX_COMMAND = 120


def is_free(host: str, port: int) -> bool:
    """Whether a server can listen there.

    Raises:
        InvalidConfig: nobody could listen there: no such address, or no right to it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as servers do: connections of the past that linger do not count
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise InvalidConfig(f"{host}:{port}", str(error.strerror or error)) from error
    return True


def port_owner(port: int) -> str | None:
    """The process that listens on a port, such as ``process 41 (python -m http.server)``.

    None where the operating system does not tell, such as another user's process.
    """
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:  # macOS, without root
        return None
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        if connection.laddr.port == port and connection.pid is not None:
            return f"process {connection.pid} ({command_of(connection.pid)})"
    return None


def command_of(pid: int) -> str:
    """The command line of a process, shortened."""
    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline()).strip() or process.name()
    except psutil.Error:
        return "command unknown"
    return command if len(command) <= _MAX_COMMAND else command[: _MAX_COMMAND - 1] + "…"


def claim(host: str, port: int) -> None:
    """Makes sure that a port can be listened on.

    Raises:
        InvalidConfig: another process holds it; says which, and how to choose another.
    """
    if not is_free(host, port):
        owner = port_owner(port) or "a process that this user may not see"
        raise InvalidConfig(
            f"port {port} is in use by {owner}",
            f"choose another with --port {port + 1}, or with make demo PORT={port + 1}",
        )
