"""Text that XML can hold: SVG and slides take the rest for damage."""

from __future__ import annotations


def xml_text(text: str) -> str:
    """The text without control characters and lone surrogates; tabs and line breaks stay."""
    return "".join(letter for letter in text if letter in "\t\n\r" or _may_stand(ord(letter)))


def _may_stand(code: int) -> bool:
    return 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
