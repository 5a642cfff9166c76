"""Keeps a program on this machine: every attempt to reach another one fails, and stands in `attempts`."""

import ipaddress
import socket

attempts: list[str] = []
_getaddrinfo = socket.getaddrinfo
_connect = socket.socket.connect


def _refuse(host: object) -> None:
    attempts.append(str(host))
    raise OSError(f"{host} is not on this machine")


def _is_here(host: object) -> bool:
    try:
        return host in (None, "", "localhost") or ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _loopback_getaddrinfo(host, *arguments, **options):
    if not _is_here(host):
        _refuse(host)
    return _getaddrinfo(host, *arguments, **options)


def _loopback_connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
        _refuse(address[0])
    return _connect(self, address)


socket.getaddrinfo = _loopback_getaddrinfo
socket.socket.connect = _loopback_connect
