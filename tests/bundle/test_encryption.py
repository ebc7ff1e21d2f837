"""Bundles at rest: unreadable without the key, whole with it, and never lost on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyrage
import pytest

from journeylab.bundle.encryption import encrypt_bundle, plain_bundle
from journeylab.bundle.reader import Bundle
from journeylab.errors import BundleError, StorageError, StudyError
from journeylab.study.study_key import KEYRING


@pytest.fixture
def key(tmp_path: Path) -> Iterator[str]:
    """The public key of the study at tmp_path, which is unlocked."""
    identity = pyrage.x25519.Identity.generate()
    KEYRING.put(tmp_path, identity)
    yield str(identity.to_public())
    KEYRING.drop(tmp_path)


@pytest.fixture
def plain(finished: Path, tmp_path: Path) -> Path:
    (tmp_path / "sessions").mkdir()
    return Path(shutil.copy(finished, tmp_path / "sessions" / "P01.h5"))


def test_an_encrypted_bundle_reads_as_the_plain_one_did(
    plain: Path, finished: Path, key: str
) -> None:
    encrypted = encrypt_bundle(plain, key)
    assert encrypted.name == "P01.h5.age"
    assert [path.name for path in encrypted.parent.iterdir()] == ["P01.h5.age"]
    assert encrypted.stat().st_mode & 0o777 == 0o600
    data = encrypted.read_bytes()
    assert data.startswith(b"age-encryption.org/v1")
    assert b"HDF" not in data[:4096]
    with Bundle.open(finished) as before, Bundle.open(encrypted) as after:
        assert after.path == encrypted
        assert after.header == before.header
        np.testing.assert_array_equal(after.table("pointer").t_ns, before.table("pointer").t_ns)
        frame, same = before.frame_at(before.end_ns), after.frame_at(after.end_ns)
        assert frame is not None
        assert same is not None
        np.testing.assert_array_equal(frame.image, same.image)


def test_the_plain_text_never_reaches_the_disk_when_it_is_opened(plain: Path, key: str) -> None:
    encrypted = encrypt_bundle(plain, key)
    with plain_bundle(encrypted) as place:
        assert str(place.readlink()).startswith("/memfd:")
        with Bundle.open(encrypted) as bundle:
            assert bundle.streams
    assert not place.exists()


def test_without_the_passphrase_it_stays_shut(plain: Path, key: str, tmp_path: Path) -> None:
    encrypted = encrypt_bundle(plain, key)
    KEYRING.drop(tmp_path)
    with pytest.raises(BundleError, match="enter the passphrase"):
        Bundle.open(encrypted)


def test_the_key_of_another_study_does_not_open_it(plain: Path, key: str, tmp_path: Path) -> None:
    encrypted = encrypt_bundle(plain, key)
    KEYRING.put(tmp_path, pyrage.x25519.Identity.generate())
    with pytest.raises(BundleError, match="another study"):
        Bundle.open(encrypted)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda data: data[:40],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2] + b"\0" + data[len(data) // 2 + 1 :],
        lambda data: data + b"more",
    ],
    ids=["empty", "in the header", "half", "last byte", "one byte", "appended"],
)
def test_a_damaged_file_is_refused_in_words(
    plain: Path, key: str, damage: Callable[[bytes], bytes]
) -> None:
    encrypted = encrypt_bundle(plain, key)
    encrypted.write_bytes(damage(encrypted.read_bytes()))
    with pytest.raises(BundleError, match="cut short, damaged or changed") as caught:
        Bundle.open(encrypted)
    assert encrypted.name in str(caught.value)


def test_a_fault_inside_names_the_bundle_and_not_where_it_was_decrypted_to(
    tmp_path: Path, key: str
) -> None:
    (tmp_path / "sessions").mkdir()
    fake = tmp_path / "sessions" / "P09.h5"
    fake.write_bytes(b"no bundle at all")
    encrypted = encrypt_bundle(fake, key)
    with pytest.raises(BundleError, match=r"P09\.h5\.age is no whole bundle") as caught:
        Bundle.open(encrypted)
    assert "/proc/" not in str(caught.value)


def test_the_plain_bundle_stays_when_what_was_written_does_not_read_back(
    plain: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(_: object, file: object, recipients: list[object]) -> None:
        file.write(pyrage.encrypt(b"something else", recipients))  # type: ignore[attr-defined]

    before = plain.read_bytes()
    monkeypatch.setattr(pyrage, "encrypt_io", forgetful)
    with pytest.raises(BundleError, match="kept as it was"):
        encrypt_bundle(plain, key)
    assert plain.read_bytes() == before
    assert [path.name for path in plain.parent.iterdir()] == ["P01.h5"]


def test_a_full_disk_leaves_the_plain_bundle(
    plain: Path, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(pyrage, "encrypt_io", full)
    with pytest.raises(StorageError):
        encrypt_bundle(plain, key)
    assert [path.name for path in plain.parent.iterdir()] == ["P01.h5"]


def test_a_public_key_that_is_none_is_refused(plain: Path) -> None:
    with pytest.raises(StudyError, match="no public key"):
        encrypt_bundle(plain, "age1" + "q" * 58)
    assert plain.exists()


def test_another_session_of_the_same_name_is_never_replaced(plain: Path, key: str) -> None:
    first = plain.read_bytes()
    encrypted = encrypt_bundle(plain, key)
    kept = encrypted.read_bytes()
    plain.write_bytes(first + bytes(20_000))
    with pytest.raises(BundleError, match="holds another session"):
        encrypt_bundle(plain, key)
    assert encrypted.read_bytes() == kept
    assert plain.read_bytes() == first + bytes(20_000)
    assert sorted(path.name for path in plain.parent.iterdir()) == ["P01.h5", "P01.h5.age"]


def test_interrupted_between_writing_and_deleting_the_next_call_completes(
    plain: Path, key: str
) -> None:
    data = plain.read_bytes()
    encrypted = encrypt_bundle(plain, key)
    plain.write_bytes(data)
    encrypted.with_name(encrypted.name + ".partial").write_bytes(b"torn")
    assert encrypt_bundle(plain, key) == encrypted
    assert [path.name for path in plain.parent.iterdir()] == ["P01.h5.age"]
    assert encrypt_bundle(plain, key) == encrypted  # a third time there is nothing to do
    with plain_bundle(encrypted) as place:
        assert place.read_bytes() == data
