"""study.toml as text: written for a person to read, and changed without losing what she wrote.

An existing text is changed in place: comments, order, blank lines and the spelling of what did
not change stay. A step keeps the comment above its header when it is moved, and takes it along
when it is removed. Whatever comes out is read again before it is trusted; where a text is written
so that it cannot be changed in place, it is written anew below the comments at its top.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Item, Table

from journeylab.study.model import Study

_HEADER: Final = re.compile(r"^\s*\[\[?\s*([A-Za-z0-9_-]+)([^\]]*)\]\]?")
_BLOCKS: Final = ("steps", "segments", "markers", "expressions", "questions")
_MARK: Final = "\ue000"  # of no alphabet: for private use
_NO_COMMENT: Final = " #\ue001"
_NAMES: Final = ("id", "name", "key")


def new_text(study: Study) -> str:
    """A study as a text of its own; what is as usual is left out."""
    return tomlkit.dumps(_fresh(_values(study)))


def changed_text(text: str, study: Study) -> str:
    """The text of a study file, changed to say what ``study`` is.

    Raises
    ------
    ValueError
        When the study itself is unfit: then nothing may be written.
    """
    Study.model_validate(study.model_dump())
    text_now = text
    try:
        values = _values(study)
        for key in _BLOCKS:
            text_now = _arrange(text_now, key, values.get(key, ()))
        lifted, above = _lift_comments(text_now)
        document = tomlkit.parse(lifted)
        if "format" not in document:
            del values["format"]  # as usual, and not said: nothing to add
        _merge(document, values, _all_values(study))
        result = _lower_comments(tomlkit.dumps(document), above)
        if _reads_as(result, study):
            return result
    except (TOMLKitError, LookupError, TypeError, ValueError):
        pass  # written in a way that cannot be changed in place
    return _comments_at_top(text) + new_text(study)


def _values(study: Study) -> dict[str, Any]:
    """What must be written: all that is not as usual."""
    values = study.model_dump(mode="json", exclude_defaults=True)
    values = {"format": study.format, **values}
    _keep_day(values, study)
    return values


def _all_values(study: Study) -> dict[str, Any]:
    values = study.model_dump(mode="json")
    _keep_day(values, study)
    return values


def _keep_day(values: dict[str, Any], study: Study) -> None:
    if study.privacy.keep_until is not None:
        values["privacy"]["keep_until"] = study.privacy.keep_until  # TOML has days of its own


def _reads_as(text: str, study: Study) -> bool:
    try:
        return Study.model_validate(tomlkit.parse(text).unwrap()) == study
    except (ValidationError, TOMLKitError):
        return False


def _fresh(values: Mapping[str, Any]) -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    for key, value in values.items():
        document[key] = _as_item(value)
    return document


def _as_item(value: Any) -> Any:
    """A value as TOML; long texts over several lines, so that they can be read."""
    if isinstance(value, str):
        # What looks odd between three quotes is left to the escapes of one.
        is_plain = "\n" in value and '"""' not in value and "\\" not in value
        is_plain = is_plain and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", value)
        if is_plain and not value.endswith('"'):
            return _lines(value)
        return value
    if isinstance(value, Mapping):
        table = tomlkit.table()
        for key, inner in value.items():
            table[key] = _as_item(inner)
        return table
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        tables = tomlkit.aot()
        for one in value:
            tables.append(_as_item(one))
        return tables
    return value


def _lines(value: str) -> Item:
    """A text between three quotes, its first line on a line of its own."""
    item = tomlkit.parse(f'x = """\n{value}"""\n')["x"]
    assert isinstance(item, Item)
    return item


# -- changing in place ----------------------------------------------------------------------------


def _merge(table: Any, values: Mapping[str, Any], everything: Mapping[str, Any]) -> None:
    """Change a table to hold ``values``; ``everything`` tells the usual for what is left out."""
    for key in list(table):
        usual = everything.get(key)
        if key in values or _plain(table[key]) == usual:
            continue
        if isinstance(table[key], Mapping) and isinstance(usual, Mapping) and usual:
            _merge(table[key], {}, usual)
        elif usual is None or isinstance(usual, list | Mapping):
            del table[key]
        else:  # it is as usual again, and was written out: it stays so
            _put(table, key, usual)
    for key, value in values.items():
        if key not in table:
            table[key] = _as_item(value)
        elif _plain(table[key]) != value:
            _change(table, key, value, everything[key])


def _change(table: Any, key: str, value: Any, everything: Any) -> None:
    old = table[key]
    if isinstance(old, Mapping) and isinstance(value, Mapping):
        _merge(old, value, everything)
    elif isinstance(old, AoT) and isinstance(value, list) and value:
        _merge_tables(table, key, value, everything)
    else:
        _put(table, key, value)


def _merge_tables(table: Any, key: str, values: Sequence[Any], everything: Sequence[Any]) -> None:
    """Change an array of tables; each keeps what is written in it, wherever it stands now."""
    old: list[Table] = list(table[key])
    wanted: list[Table | None] = []
    for value, whole in zip(values, everything, strict=True):
        known = next((one for one in old if _is_same(one, value)), None)
        if known is not None:
            _merge(known, value, whole)
        wanted.append(known)
    if len(wanted) == len(old) and all(a is b for a, b in zip(wanted, old, strict=True)):
        return  # changed where they stand
    new = tomlkit.aot()
    for known, value in zip(wanted, values, strict=True):
        new.append(_as_item(value) if known is None else known)
    table[key] = new


def _is_same(table: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    name = next((name for name in _NAMES if name in value), None)
    return name is not None and name in table and _plain(table[name]) == value[name]


def _put(table: Any, key: str, value: Any) -> None:
    """Change a value; the comment on its line stays."""
    old = table[key]
    item = tomlkit.item(_as_item(value)) if not isinstance(value, Item) else value
    if isinstance(old, Item) and not isinstance(item, Table | AoT):
        item.trivia.comment = old.trivia.comment
        item.trivia.comment_ws = old.trivia.comment_ws
    table[key] = item


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _comments_at_top(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            break
        lines.append(line)
    return "".join(f"{line}\n" for line in lines)


# -- steps and other blocks in another order ------------------------------------------------------


def _arrange(text: str, key: str, values: Sequence[Mapping[str, Any]]) -> str:
    """The text with the blocks of ``[[key]]`` in the order of ``values``, new ones written in."""
    lines = text.splitlines(keepends=True)
    starts, end = _blocks(lines, key)
    if not starts or not values:
        return text
    blocks = ["".join(lines[a:b]) for a, b in pairwise([*starts, end])]
    name = next(name for name in _NAMES if name in values[0])
    old = [str(table[name]) for table in tomlkit.parse(text).unwrap()[key]]
    new = [str(value[name]) for value in values]
    if len(old) != len(blocks) or len(set(old)) != len(old):
        raise ValueError(f"{key} are written in a way of their own")
    if new == old:
        return text
    known = dict(zip(old, blocks, strict=True))
    gone, fresh = [n for n in old if n not in new], [n for n in new if n not in known]
    if len(gone) == len(fresh) and len(old) == len(new):
        for was, now in zip(gone, fresh, strict=True):  # called otherwise: it keeps its block
            if (block := _renamed(known[was], name, was, now)) != known[was]:
                known[now] = block
    arranged = [
        known.get(n) or tomlkit.dumps(_fresh({key: [value]}))
        for n, value in zip(new, values, strict=True)
    ]
    head, tail = "".join(lines[: starts[0]]), "".join(lines[end:])
    return head + "\n".join(_ended(block) for block in arranged) + (f"\n{tail}" if tail else "")


def _renamed(block: str, name: str, old: str, new: str) -> str:
    """The block with another name, where it is plainly written; else as it was."""
    pattern = rf'^(\s*{name}\s*=\s*["\']){re.escape(old)}(["\'])'
    if re.fullmatch(r"[\w .-]+", new) is None:
        return block
    return re.sub(pattern, rf"\g<1>{new}\2", block, count=1, flags=re.M)


def _ended(block: str) -> str:
    return block.rstrip("\n") + "\n"


def _blocks(lines: Sequence[str], key: str) -> tuple[list[int], int]:
    """First line of each block, comments right above its header included, and the end of all."""
    starts: list[int] = []
    end = len(lines)
    within = ""
    for number, line in enumerate(lines):
        was_within, within = within, _left_open(line, within)
        header = None if was_within else _HEADER.match(line)
        if header is None:
            continue
        if header.group(1) == key:
            if end < len(lines):
                raise ValueError(f"{key} stand apart from each other")
            if line.lstrip().startswith("[[") and not header.group(2).strip():
                starts.append(_with_comments(lines, number))
        elif starts and end == len(lines):
            end = _with_comments(lines, number)
    return starts, end


def _lift_comments(text: str) -> tuple[str, list[str]]:
    """The text without the comments and blank lines right above its headers, and these.

    What stands above a header belongs to it, but a parser counts it to the table before, and
    would put a new key of that table below it. Each header is marked with the number of what
    stood above it.
    """
    lines = text.splitlines(keepends=True)
    kept: list[str] = []
    above: list[str] = []
    within = ""
    for line in lines:
        was_within, within = within, _left_open(line, within)
        if was_within or _HEADER.match(line) is None:
            kept.append(line)
            continue
        start = _with_comments(kept, len(kept))
        while start > 0 and not kept[start - 1].strip():
            start -= 1
        bare = line.rstrip("\r\n")
        has_comment = "#" in bare[bare.rindex("]") :]
        kept[start:], lifted = [], "".join(kept[start:])
        kept.append(f"{bare}{'' if has_comment else _NO_COMMENT}{_MARK}{len(above)}\n")
        above.append(lifted)
    return "".join(kept), above


def _lower_comments(text: str, above: Sequence[str]) -> str:
    """The text with what stood above its headers put back; new headers get a blank line."""
    lines: list[str] = []
    within = ""
    for line in text.splitlines(keepends=True):
        was_within, within = within, _left_open(line, within)
        if was_within or _HEADER.match(line) is None:
            lines.append(line)
            continue
        bare, _, number = line.rstrip("\r\n").partition(_MARK)
        while lines and not lines[-1].strip():
            lines.pop()
        lines.append(above[int(number)] if number else "\n" if lines else "")
        lines.append(bare.removesuffix(_NO_COMMENT) + "\n")
    return "".join(lines)


def _with_comments(lines: Sequence[str], number: int) -> int:
    while number > 0 and lines[number - 1].lstrip().startswith("#"):
        number -= 1
    return number


def _left_open(line: str, within: str) -> str:
    """The three quotes of a text over several lines that is open after this line, else empty."""
    position = 0
    while True:
        if within:
            position = line.find(within, position)
            if position < 0:
                return within
            position, within = position + 3, ""
        else:
            found = re.compile(r'"""|\'\'\'|#|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'').search(
                line, position
            )
            if found is None or found.group() == "#":
                return ""
            position = found.end()
            if found.group() in ('"""', "'''"):
                within = found.group()
