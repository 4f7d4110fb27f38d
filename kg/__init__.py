"""Knowledge graph of the AI infrastructure ecosystem, read from Japanese technology posts."""

__version__ = "0.1.0"
