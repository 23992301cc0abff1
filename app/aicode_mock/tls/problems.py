"""What can be wrong with a TLS front."""


class TlsError(ValueError):
    """The options do not fit together, or files cannot be used; the message names them."""
