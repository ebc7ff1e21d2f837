"""One cache file: a key, a record and its arrays, with a checksum over all.

What is read was made by this program or by anybody: it is checked byte by byte and by type, and
whatever does not hold is no cache file, so that its content is made anew. No pickle.

Layout: magic, SHA-256 of the rest, length of the head (u8, little-endian), the head as JSON, the
arrays one after another. In an encrypted study the whole is an age file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from journeylab.analysis.records import KINDS, from_plain, to_plain
from journeylab.study.study_key import KEYRING

_T = TypeVar("_T")

_MAGIC: Final = b"JLcache\x01"
_LENGTH: Final = struct.Struct("<Q")
_DIGEST_BYTES: Final = hashlib.sha256().digest_size
_FRONT_BYTES: Final = len(_MAGIC) + _DIGEST_BYTES + _LENGTH.size
_AGE: Final = b"age-encryption.org/"
_MAX_BYTES: Final = 1 << 30
_ALIGNMENT: Final = 8


@dataclass(frozen=True, slots=True)
class Lock:
    """What the files of an encrypted study are encrypted to, and the study whose key opens them."""

    recipient: str
    study_path: Path


def pack(key: str, record: Any) -> bytes:
    """A record under its key, as the bytes of a file."""
    arrays: list[NDArray[Any]] = []
    plain = to_plain(record, arrays)
    places = [[array.dtype.str, list(array.shape)] for array in arrays]
    head = json.dumps({"key": key, "arrays": places, "record": plain}).encode()
    head += b" " * (-(_FRONT_BYTES + len(head)) % _ALIGNMENT)
    parts = [_LENGTH.pack(len(head)), head]
    for array in arrays:
        data = array.tobytes()
        parts += [data, b"\0" * (-len(data) % _ALIGNMENT)]
    rest = b"".join(parts)
    return _MAGIC + hashlib.sha256(rest).digest() + rest


def unpack(data: bytes, key: str, kind: type[_T]) -> _T | None:
    """The record of a file; None when it is damaged, of another key, or not of that kind."""
    begin = len(_MAGIC) + _DIGEST_BYTES
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _FRONT_BYTES:
        return None
    if hashlib.sha256(memoryview(data)[begin:]).digest() != data[len(_MAGIC) : begin]:
        return None
    try:
        (length,) = _LENGTH.unpack_from(data, begin)
        head = json.loads(data[_FRONT_BYTES : _FRONT_BYTES + length])
        if head["key"] != key:
            return None
        arrays = _arrays(data, _FRONT_BYTES + length, head["arrays"])
        return from_plain(kind, head["record"], arrays)
    except (ValueError, KeyError, TypeError, RecursionError, struct.error):
        return None


def _arrays(data: bytes, begin: int, places: Any) -> list[NDArray[Any]]:
    arrays = []
    for name, shape in places:
        dtype = np.dtype(str(name))
        if dtype.kind not in KINDS or any(type(n) is not int or n < 0 for n in shape):
            raise ValueError(f"an array of {name} and {shape}")
        size = dtype.itemsize * math.prod(shape)
        if begin + size > len(data):
            raise ValueError("an array reaches over the end")
        count = math.prod(shape)
        flat = np.frombuffer(data, dtype=dtype, count=count, offset=begin)
        arrays.append(flat.reshape(shape))
        begin += size + -size % _ALIGNMENT
    return arrays


def read_file(path: Path, lock: Lock | None) -> bytes | None:
    """The plain bytes of a file; None where there is none, or none that can be opened."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            return None
        data = path.read_bytes()
    except OSError:
        return None
    if lock is None:
        return data
    identity = KEYRING.get(lock.study_path)
    if identity is None or not data.startswith(_AGE):
        return None
    import pyrage

    try:
        return bytes(pyrage.decrypt(data, [identity]))
    except (pyrage.DecryptError, OSError):
        return None


def write_file(path: Path, data: bytes, lock: Lock | None) -> None:
    """Put a file in place in one go, readable by its owner alone.

    Where it cannot be written, as in a folder that is read only, there is none: the next map is
    slower, and nothing is lost.
    """
    if lock is not None:
        import pyrage

        data = pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(lock.recipient)])
    partial = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(exist_ok=True)
        if path.parent.is_symlink():  # nothing is written to wherever it leads
            return
        number = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
        partial.replace(path)
    except OSError:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def is_locked(path: Path) -> bool:
    """Whether a file is encrypted."""
    try:
        with path.open("rb") as file:
            return file.read(len(_AGE)) == _AGE
    except OSError:
        return False
