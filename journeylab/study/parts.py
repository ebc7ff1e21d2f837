"""What every part of a study file is built on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]


class Part(BaseModel):
    """Frozen, and unknown keys are mistakes: a typing error must not pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def check_distinct(names: Iterable[str], *, what: str) -> None:
    """Refuse a name that stands twice; ``what`` is its kind in the plural, such as "steps".

    Raises
    ------
    ValueError
        Naming it.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f'two {what} have the id "{name}"; give each its own')
        seen.add(name)
