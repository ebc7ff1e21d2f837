"""JourneyLab measures what a person feels on every step of a customer journey."""

__version__ = "0.1.0"
