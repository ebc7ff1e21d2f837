"""The header as JSON and back."""

from __future__ import annotations

import json

import pytest

from bundle.sent import a_header
from journeylab.bundle.header import header_from_json, header_to_json


def test_a_header_comes_back_equal() -> None:
    header = a_header()
    assert header_from_json(header_to_json(header)) == header


def test_a_wrong_type_is_named() -> None:
    values = json.loads(header_to_json(a_header()))
    values["screen"]["width_px"] = "wide"
    with pytest.raises(ValueError, match=r"screen\.width_px: .*integer"):
        header_from_json(json.dumps(values))
    del values["screen"]
    with pytest.raises(ValueError, match=r"screen: Field required"):
        header_from_json(json.dumps(values))


def test_keys_of_a_later_version_are_passed_over() -> None:
    values = json.loads(header_to_json(a_header())) | {"moon": "full"}
    assert header_from_json(json.dumps(values)) == a_header()
