"""A vendor's address out of the settings, checked before a key is sent there."""

from __future__ import annotations

from urllib.parse import urlsplit

from ....core.errors import BadSetting

__all__ = ["checked_base"]


def checked_base(provider: str, url: str, example: str) -> str:
    """A base URL without its last slash.

    Raises BadSetting for one that is none, or that would carry a key over an open line.
    """
    where = f"[providers.{provider}] base_url"
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting(f"{where}: {url!r} is no address like {example}")
    if parts.username or parts.password:
        raise BadSetting(f"{where}: a name or a password never stands in an address")
    if parts.scheme == "http" and not _near(parts.hostname):
        raise BadSetting(f"{where}: {url!r} must begin with https://, or the key would go over an open line")
    return url.rstrip("/")


def _near(host: str) -> bool:
    """Whether a host is this machine or in its own network."""
    if host == "localhost" or "." not in host or host.endswith((".local", ".internal", ".lan")):
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
