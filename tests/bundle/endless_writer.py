"""A program to be killed: journals ticks for ever, and tells each one it has written."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bundle.sent import START_NS, TICK_NS, a_header, tick_of
from journeylab.bundle.writer import BundleWriter
from journeylab.clock import VirtualClock

clock = VirtualClock(start_ns=START_NS)
writer = BundleWriter(Path(sys.argv[1]), a_header(), clock=clock)
k = 0
while True:
    writer.write(tick_of(k))
    clock.advance_ns(TICK_NS)
    print(k, flush=True)
    k += 1
