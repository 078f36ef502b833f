"""Designata: who designates which organization, under which name and law, from when to when."""

__version__ = "1.0.0"
