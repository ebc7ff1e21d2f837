"""What the capture tests measure with: a collector and made clips."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from journeylab.streams import Sample

RATE_HZ = 48000


MakeClip = Callable[..., Path]


def brightness(index: int) -> int:
    """Grey level of a made clip's n-th image."""
    return 20 + 10 * (index % 20)


@dataclass
class Collector:
    """Takes samples as a fan-out would, and waits for them."""

    samples: list[Sample] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, sample: Sample) -> None:
        with self._arrived:
            self.samples.append(sample)
            self._arrived.notify_all()

    def wait_for(self, count: int, *, timeout_s: float = 10.0) -> bool:
        """Until so many samples are there; False when they do not come."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.samples) >= count, timeout_s)


def wait_until(is_so: Callable[[], bool], *, timeout_s: float = 10.0) -> bool:
    """Poll a statement until it holds."""
    deadline_s = time.monotonic() + timeout_s
    while time.monotonic() < deadline_s:
        if is_so():
            return True
        time.sleep(0.01)
    return is_so()
