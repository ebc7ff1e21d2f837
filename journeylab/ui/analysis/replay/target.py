"""Which session to replay, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReplayTarget:
    """A session to be replayed, from its first step or from a session time on."""

    path: Path
    t_ns: int | None = None
