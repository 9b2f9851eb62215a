"""The files for TLS: whether they can be used, and read again when they were renewed."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

log = logging.getLogger(__name__)
Versions = tuple[tuple[int, int], ...]  # of both files: when they were written, and their inodes


def renew_on_change(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Let each new connection use the files of that moment.

    Files that cannot be used (half written, or not belonging together yet) are logged once, and
    the connection gets the previous certificate. Open connections keep theirs.
    """
    newest = context
    looked_at = _versions(certificate, key)

    def at_a_handshake(connection: ssl.SSLObject, *_about: object) -> None:
        nonlocal newest, looked_at
        found = _versions(certificate, key)
        if found != looked_at:
            looked_at = found
            try:
                newest = check_tls(certificate, key) or newest
                log.info("the certificate of the web page is renewed: %s", certificate)
            except (OSError, RuntimeError) as failure:
                log.warning("the certificate of before stays: %s", failure)
        connection.context = newest

    # The library calls this at each handshake, whether or not the browser names the server.
    context.sni_callback = at_a_handshake


def _versions(*names: str) -> Versions:
    """Return modification time and inode of both files; empty if one is missing."""
    try:
        found = [Path(name).stat() for name in names]
    except OSError:
        return ()
    return tuple((one.st_mtime_ns, one.st_ino) for one in found)


def check_tls(certificate: str, key: str) -> ssl.SSLContext | None:
    """Return the context that the files for TLS make, None without files.

    Raises:
        RuntimeError: they cannot; it names the file and the cure.

    """
    if not certificate and not key:
        return None
    if not (certificate and key):
        given, missing = (
            ("web_certificate", "web_key") if certificate else ("web_key", "web_certificate")
        )
        raise RuntimeError(f"{given} is set and {missing} is not: TLS needs both")
    for parameter, name in (("web_certificate", certificate), ("web_key", key)):
        try:
            text = Path(name).read_text(encoding="latin-1")
        except OSError as failure:
            raise RuntimeError(
                f"{parameter}: {name} cannot be read ({failure.strerror}); name a PEM file that "
                "the user of this node may read"
            ) from None
        if "-----BEGIN" not in text:
            raise RuntimeError(
                f"{parameter}: {name} is no PEM file; convert it: "
                "openssl x509 -inform der -in FILE, or openssl pkey -inform der -in FILE"
            )
        if "ENCRYPTED" in text:
            raise RuntimeError(
                f"{parameter}: {name} needs a passphrase, which nobody types here; "
                f"write one without: openssl pkey -in {name} -out FILE"
            )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as failure:
        if failure.reason == "KEY_VALUES_MISMATCH":
            cause = "they do not belong together; name the key that the certificate was made with"
        else:
            cause = (
                f"{failure.reason or failure}; in its file the certificate comes first, then those "
                "that vouch for it"
            )
        raise RuntimeError(f"web_certificate {certificate}, web_key {key}: {cause}") from None
    return context
