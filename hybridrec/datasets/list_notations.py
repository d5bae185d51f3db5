r"""How cells of text write lists of words: the notations that are read, and those that are not.

``a|b|c`` and ``["a","b"]`` are read. What another program may have meant as a list is refused:
read as words, its quotes and brackets would become part of them. The patterns are those of Rust's
``regex``, which Polars uses: no look-around, ``\u{...}`` for a character.
"""

from collections.abc import Sequence

import polars as pl

JSON_ESCAPE = (
    r'\\(?:["\\/bfnrt]|u[0-9a-cA-CefEF][0-9a-fA-F]{3}|u[dD][0-7][0-9a-fA-F]{2}'
    r"|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
JSON_STRING = rf'"(?:[^"\\\x00-\x1f]|{JSON_ESCAPE})*"'
JSON_LIST = rf"^\[\s*(?:{JSON_STRING}\s*(?:,\s*{JSON_STRING}\s*)*)?\]$"

NO_LIST = r"^(?i:nan)$"
"""How pandas writes an empty cell: no words."""

NO_VALUE = r"^(?i:none|null|na|#?n/a|\\n)$"
r"""Words of Python, SQL, R, workbooks and MySQL (``\N``) for no value, in any case. They are
refused, not read as empty: somebody's tag may be named so. Among other words they are words."""

BRACKETS = r"(?s)^(?:\[.*\]|\{.*\}|\([^()]*\)|<.*>)$"
"""Arrays of Postgres, tuples, `<rock><pop>` and lists without quotes; two pairs of round
brackets may be one word, such as "(500) Days (of Summer)"."""

CUT_OFF = r"^[\[({]\s*['\"]"
"""The start of a list that lost its end, as where a column has a width."""

CALL = r"^(?:array|deque|dict|frozenset|list|set|tuple)\("
"""Lists as Python and NumPy show them."""

QUOTES = (
    ("'", "'"),
    ('"', '"'),
    (r"\u{2018}", r"\u{2019}"),  # English
    (r"\u{201C}", r"\u{201D}"),
    (r"\u{201E}", r"\u{201C}"),  # German
    (r"\u{201E}", r"\u{201D}"),  # Polish
    (r"\u{AB}", r"\u{BB}"),  # French
    (r"\u{BB}", r"\u{AB}"),  # Danish
    (r"\u{2039}", r"\u{203A}"),  # inner ones: French,
    (r"\u{201A}", r"\u{2018}"),  # German
    (r"\u{300C}", r"\u{300D}"),  # Japanese, and within those
    (r"\u{300E}", r"\u{300F}"),
    ("`", "`"),
)
"""Pairs of quotes, opening and closing."""


def _quoted(left: str, right: str) -> Sequence[str]:
    """The patterns of one pair of quotes around a word between bars, and around a whole cell.

    Nothing but quoted text may stand there, so that "'80s & '90s'" is one word; but several may,
    as in "'rock' 'pop'", and as quotes are doubled within quotes.
    """
    word = rf"(?:{left}[^{left}{right}|]*{right}\s*)+"
    cell = rf"(?:{left}[^{left}{right}]*{right}\s*)+"
    return rf"(?:^|\|)\s*{word}(?:$|\|)", rf"^{cell}$"


SEPARATOR = (
    r"^[^|]*["
    r",;\t\r\n"
    r"\u{A6}"  # the broken bar
    r"\u{60C}\u{61B}"  # comma and semicolon of Arabic
    r"\u{3001}\u{FF0C}\u{FF1B}\u{FF5C}\u{FF64}"  # commas, semicolon and bar of East Asia
    r"][^|]*$"
)
"""Text without a bar that may be two words, or one such as "Folk, World, & Country"."""

_QUOTED = tuple(pattern for pair in QUOTES for pattern in _quoted(*pair))
_OTHERS = "|".join(
    f"(?:{pattern})" for pattern in (NO_VALUE, BRACKETS, CUT_OFF, CALL, SEPARATOR, *_QUOTED)
)


def is_other_notation(text: pl.Expr) -> pl.Expr:
    """Where cells may be lists as other programs write them, or their words for no value.

    Args:
        text: without blanks around it, and no list of JSON.
    """
    return text.str.contains(_OTHERS)
