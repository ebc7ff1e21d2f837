"""What a page of a study may reach, decided address by address."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl

from journeylab.ui.participant.allow_list import AllowList


@pytest.fixture
def study(tmp_path: Path) -> Path:
    for name in ("study/stimuli/a.html", "study/stimuli/ä b.html", "study/sessions/P01.h5",
                 "study/exports/map.png", "other/secret.txt", "study-2/x.html"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "study/stimuli/link.html").symlink_to(tmp_path / "other/secret.txt")
    return tmp_path / "study"


@pytest.mark.parametrize(
    "name", ["stimuli/a.html", "stimuli/ä b.html", "stimuli/../stimuli/a.html"]
)
def test_the_studys_own_files_are_allowed(study: Path, name: str) -> None:
    url = QUrl.fromLocalFile(f"{study}/{name}")
    assert AllowList(study).allows_page(url)
    assert AllowList(study).allows_resource(url)


@pytest.mark.parametrize(
    "name",
    [
        "../other/secret.txt",
        "stimuli/../../other/secret.txt",
        "../study-2/x.html",  # begins with the same letters
        "stimuli/link.html",  # leads outside
        "sessions/P01.h5",
        "exports/map.png",
        "stimuli",  # a folder would list its files
        "",
        "stimuli/missing.html",
    ],
)
def test_other_files_are_refused(study: Path, name: str) -> None:
    url = QUrl.fromLocalFile(f"{study}/{name}")
    assert not AllowList(study).allows_page(url)
    assert not AllowList(study).allows_resource(url)


def test_an_encoded_way_out_is_refused(study: Path) -> None:
    url = QUrl(f"file://{study}/stimuli/%2e%2e/%2e%2e/other/secret.txt")
    assert not AllowList(study).allows_page(url)


def test_a_file_of_another_computer_is_refused(study: Path) -> None:
    assert not AllowList(study).allows_page(QUrl(f"file://server{study}/stimuli/a.html"))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/", "https://localhost/x", "http://[::1]:5173/"]
)
def test_servers_on_this_machine_are_allowed(study: Path, address: str) -> None:
    assert AllowList(study).allows_page(QUrl(address))


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://localhost.example.com/",
        "http://192.168.0.7/",
        "ftp://localhost/",
        "javascript:alert(1)",
        "data:text/html,x",
        "chrome://version",
        "view-source:http://localhost/",
        "qrc:/x",
        "",
    ],
)
def test_all_other_pages_are_refused(study: Path, address: str) -> None:
    assert not AllowList(study).allows_page(QUrl(address))


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("data:image/png;base64,AA", True),
        ("blob:null/1", True),
        ("ws://localhost:9/", True),
        ("ws://example.com/", False),
        ("https://fonts.example.com/x.woff", False),
    ],
)
def test_what_a_page_loads(study: Path, address: str, allowed: bool) -> None:
    assert AllowList(study).allows_resource(QUrl(address)) is allowed
