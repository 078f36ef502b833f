"""Numbers and positions as data has them, which may be anything where it was not validated."""

from __future__ import annotations

import math

from designata.web.texts import Text
from designata.web.things import Thing


def position(thing: Thing) -> tuple[float, float] | None:
    """Latitude and longitude of a base or place, or None where there is no such place on Earth."""
    return on_earth(*(number(thing.text(f"wgs84:{axis}")) for axis in ("lat", "long")))


def on_earth(latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
    """The two in degrees, or None where there is no such place on Earth."""
    if latitude is None or longitude is None:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def number(text: Text | None) -> float | None:
    """The number that a value says, or None."""
    return finite(text.value) if text else None


def finite(text: str) -> float | None:
    """A number with which one can calculate, or None."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
