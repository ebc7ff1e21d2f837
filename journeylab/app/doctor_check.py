"""One finding of the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a finding bears on a session."""

    OK = "ok"
    WARNING = "warning"  # sessions work, but poorer, or not with this device
    PROBLEM = "problem"  # no session can be recorded until it is mended


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it stands in plain words, and what to do where it is not well."""

    name: str
    verdict: Verdict
    detail: str
    fix: str = ""


def fine(name: str, detail: str) -> Check:
    """A finding that is well."""
    return Check(name, Verdict.OK, detail)


def warning(name: str, detail: str, *, fix: str) -> Check:
    """A finding that leaves sessions poorer."""
    return Check(name, Verdict.WARNING, detail, fix)


def problem(name: str, detail: str, *, fix: str) -> Check:
    """A finding that prevents sessions."""
    return Check(name, Verdict.PROBLEM, detail, fix)
