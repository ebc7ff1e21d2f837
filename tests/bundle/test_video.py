"""Frames to packets and back."""

from __future__ import annotations

import numpy as np
import pytest

from bundle.sent import image_of, psnr_db
from journeylab.bundle.video import GOP_FRAMES, FrameDecoder, FrameEncoder, Packet
from journeylab.streams import Frame


def encoded(images: list[np.ndarray]) -> list[Packet]:
    encoder = FrameEncoder()
    packets = [p for n, image in enumerate(images) for p in encoder.encode(Frame(n, n, image))]
    assert encoder.flush() == []
    return packets


def decoded(packets: list[Packet]) -> list[np.ndarray]:
    decoder = FrameDecoder()
    return [
        image
        for n, packet in enumerate(packets)
        for _, image in decoder.decode(
            packet.data, number=n, size_px=packet.size_px, is_key=packet.is_key
        )
    ]


def test_each_frame_gives_its_packet_at_once() -> None:
    encoder = FrameEncoder()
    for n in range(65):
        (packet,) = encoder.encode(Frame(n * 10, n, image_of(n), n * 10 + 1))
        assert (packet.t_ns, packet.arrived_ns, packet.frame) == (n * 10, n * 10 + 1, n)
        assert packet.is_key == (n % GOP_FRAMES == 0)
    assert encoder.cpu_s > 0


@pytest.mark.parametrize(
    ("width_px", "height_px"), [(64, 48), (65, 48), (64, 49), (333, 181), (17, 17)]
)
def test_frames_of_any_size_look_the_same_afterwards(width_px: int, height_px: int) -> None:
    images = [image_of(n, width_px=width_px, height_px=height_px) for n in range(40)]
    found = decoded(encoded(images))
    assert len(found) == len(images)
    for image, original in zip(found, images, strict=True):
        assert image.shape == original.shape
        assert image.flags.c_contiguous
        assert psnr_db(image, original) > 32


def test_colours_are_not_exchanged() -> None:
    image = np.zeros((48, 64, 3), np.uint8)
    image[..., 0], image[..., 2] = 200, 30  # blue
    (found,) = decoded(encoded([image]))
    assert np.abs(found[10:-10, 10:-10].astype(int) - image[0, 0]).max() <= 6


def test_a_change_of_size_begins_a_new_sequence() -> None:
    images = [image_of(n) for n in range(5)]
    images += [image_of(n, width_px=97, height_px=31) for n in range(5)]
    packets = encoded(images)
    assert [p.is_key for p in packets] == [True, *[False] * 4] * 2
    for image, original in zip(decoded(packets), images, strict=True):
        assert psnr_db(image, original) > 32


def test_a_wanted_key_lets_decoding_begin_there() -> None:
    encoder = FrameEncoder()
    packets = []
    for n in range(12):
        if n == 7:
            encoder.want_key()
        packets += encoder.encode(Frame(n, n, image_of(n)))
    assert [n for n, p in enumerate(packets) if p.is_key] == [0, 7]
    found = decoded(packets[7:])
    assert len(found) == 5
    assert psnr_db(found[0], image_of(7)) > 33


@pytest.mark.parametrize("damage", [b"", b"rubbish" * 20])
def test_after_a_damaged_packet_frames_return_with_the_next_key(damage: bytes) -> None:
    packets = encoded([image_of(n) for n in range(61)])
    decoder = FrameDecoder()
    numbers = []
    for n, packet in enumerate(packets):
        data = damage if n == 3 else packet.data
        numbers += [
            m
            for m, _ in decoder.decode(data, number=n, size_px=packet.size_px, is_key=packet.is_key)
        ]
    assert numbers == [0, 1, 2, *range(30, 61)]


@pytest.mark.parametrize(
    "image",
    [np.zeros((48, 64), np.uint8), np.zeros((48, 64, 3)), np.zeros((0, 64, 3), np.uint8)],
)
def test_what_is_no_frame_is_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"a frame is \(height, width, 3\) uint8"):
        FrameEncoder().encode(Frame(0, 0, image))
