"""Entry of ``python -m journeylab``."""

from __future__ import annotations

from journeylab.cli import main

if __name__ == "__main__":
    main()
