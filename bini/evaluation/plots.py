"""What every picture of this package needs: a font with Korean in it."""

import warnings

import matplotlib as mpl

FONTS = ["NanumGothic", "DejaVu Sans"]
"""The second for what a name holds beyond Korean and Latin."""


def register_korean_font() -> None:
    """Make NanumGothic known to matplotlib and leave the process's own settings alone."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package still uses distutils
        import koreanize_matplotlib  # noqa: F401
