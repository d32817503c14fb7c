"""LTI 1.3 tool that serves the Basis-Befähigung of Digital-Lotsen-Sachsen into an LMS."""

__version__ = "0.1.0"
