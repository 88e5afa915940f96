"""Who calls, as the door and the desk both see it: whose address counts, and whether a page of this host sent it.

What a proxy says of address and scheme is believed for `MARROW_TRUSTED_PROXIES` alone; the server has put that into the
request before anything here looks at it.
"""

from __future__ import annotations

import ipaddress

from starlette.requests import HTTPConnection

USUAL_PORTS = {"http": 80, "https": 443}


def address_of(request: HTTPConnection) -> str:
    """Whom a request counts for: the client's address, of IPv6 its first 64 bits, which one household or server has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_own_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether a page that was served by this door calls it.

    Args:
        origin: The `Origin` header.
        host: The `Host` header.
        scheme: Of the request. A proxy before the door may have taken TLS away, so `https` counts in any case.
    """
    sent, slashes, at = origin.partition("://")
    if not slashes or sent not in {scheme, "https"} or sent not in USUAL_PORTS:
        return False
    usual = f":{USUAL_PORTS[sent]}"
    return bool(at) and at == host.removesuffix(usual)
