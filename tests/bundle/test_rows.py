"""Rows as bytes and back."""

from __future__ import annotations

import numpy as np
import pytest

from journeylab.bundle.rows import RowCodec
from journeylab.bundle.schema import LAYOUT
from journeylab.errors import BundleError
from journeylab.streams import STREAMS
from journeylab.vocabulary import PointerAction, PointerButton


def codec_of(stream: str) -> RowCodec:
    return RowCodec(stream, LAYOUT[stream].sample_columns)


def test_missing_numbers_are_nan_and_missing_texts_empty() -> None:
    codec = codec_of("page")
    payload = codec.encode(("load", "file:///x", None, None, 1, 2.5, float("nan"), ""))
    columns = codec.decode([payload])
    assert columns["selector"][0] == b""
    assert np.isnan(columns["page_x_px"][0]) and np.isnan(columns["scroll_y_px"][0])
    assert columns["scroll_x_px"][0] == 2.5


def test_enumerations_booleans_and_whole_floats_fit_integers() -> None:
    codec = codec_of("pointer")
    payload = codec.encode(
        (1, 2, PointerAction.PRESS, PointerButton.LEFT, np.float64(0), np.int32(1), 3.0)
    )
    columns = codec.decode([payload])
    assert (columns["action"][0], columns["button"][0]) == (1, 1)
    face = [True, *[0.0] * (len(STREAMS["face"].columns) - 2), np.float64(1.0)]
    assert codec_of("face").decode([codec_of("face").encode(face)])["blink"][0] == 1


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ((1, 2, 256, 0, 0, 0, 0), "stream pointer, column action: a value of type uint8"),
        ((1, 2, 0.5, 0, 0, 0, 0), "column action"),
        ((1, 2, float("nan"), 0, 0, 0, 0), "column action"),
        ((1, 2, None, 0, 0, 0, 0), "column action"),
        (("far", 2, 0, 0, 0, 0, 0), "column x_px: a value of type float32 was wanted, 'far' came"),
        ((1, 2, 0), r"stream pointer has 7 columns \(x_px, .*\), but 3 values were given"),
    ],
)
def test_a_value_that_does_not_fit_is_named(values: tuple[object, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        codec_of("pointer").encode(values)


def test_numbers_beyond_float32_become_infinite() -> None:
    codec = codec_of("gaze")
    assert np.isinf(codec.decode([codec.encode((1e300, 0, 0))])["x_px"][0])


def test_a_mesh_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"column xyz: an array of shape \(478, 3\) was wanted"):
        codec_of("landmarks").encode((np.zeros((468, 3)),))


def test_texts_hdf5_cannot_hold_are_made_safe() -> None:
    codec = codec_of("notes")
    columns = codec.decode([codec.encode(("a\0b\ud800", "me"))])
    assert columns["text"][0].decode() == "a\N{REPLACEMENT CHARACTER}b?"
    with pytest.raises(ValueError, match="column author: a text was wanted, 7 came"):
        codec.encode(("a", 7))


@pytest.mark.parametrize("stream", ["pointer", "notes"])
def test_a_payload_of_the_wrong_length_is_refused(stream: str) -> None:
    codec = codec_of(stream)
    values = ("note", "me") if stream == "notes" else (0,) * 7
    payload = codec.encode(values)
    for wrong in (payload[:-1], payload + b"x", b""):
        with pytest.raises(BundleError, match=f"Stream {stream}"):
            codec.decode([payload, wrong])
