"""Where a place lies in its country, drawn without a map: the country's box and a point."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from designata.web.asking import ask
from designata.web.texts import Text
from designata.web.things import Thing

WIDTH: Final = 320.0
_KILOMETRES_IN_A_DEGREE: Final = 111.2


@dataclass(frozen=True, slots=True)
class Locator:
    """A drawing: its height, the point and its uncertainty, the degrees that cross it."""

    latitude: float
    longitude: float
    precision: int | None
    country: str = ""
    height: float = 0.0
    x: float = 0.0
    y: float = 0.0
    radius: float = 0.0
    meridians: Sequence[tuple[float, str]] = ()
    parallels: Sequence[tuple[float, str]] = ()

    @property
    def words(self) -> str:
        """The position in words, with how exact it is."""
        north = "N" if self.latitude >= 0 else "S"
        east = "E" if self.longitude >= 0 else "W"
        place = f"{abs(self.latitude):g}° {north}, {abs(self.longitude):g}° {east}"
        return f"{place}, within {self.within}" if self.precision else place

    @property
    def within(self) -> str:
        """The precision in metres or kilometres."""
        metres = self.precision or 0
        return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres} m"


def locator(thing: Thing) -> Locator | None:
    """The position of a base or place, drawn where the box of its country is known."""
    latitude, longitude = (_number(thing.text(f"wgs84:{axis}")) for axis in ("lat", "long"))
    if latitude is None or longitude is None:
        return None
    geometry = thing.thing("geo:hasGeometry")
    metres = _number(geometry.text("dsg:precisionInMetres")) if geometry else None
    precision = int(metres) if metres else None
    rows = ask("box", thing=NamedNode(thing.iri))
    if not rows:
        return Locator(latitude, longitude, precision)
    row = rows[0]
    west, east, south, north = (
        float(row[side].value) for side in ("west", "east", "south", "north")
    )
    scale = WIDTH / (east - west)
    stretch = scale / math.cos(math.radians((south + north) / 2))
    return Locator(
        latitude,
        longitude,
        precision,
        row["label"].value,
        round((north - south) * stretch, 1),
        round((longitude - west) * scale, 1),
        round((north - latitude) * stretch, 1),
        max(4.0, (precision or 0) / 1000 / _KILOMETRES_IN_A_DEGREE * stretch),
        [(round((d - west) * scale, 1), f"{d}°") for d in _degrees(west, east)],
        [(round((north - d) * stretch, 1), f"{d}°") for d in _degrees(south, north)],
    )


def _degrees(low: float, high: float) -> range:
    step = max(1, math.ceil((high - low) / 6))
    first = math.ceil(low / step) * step
    return range(first, math.floor(high) + 1, step)


def _number(text: Text | None) -> float | None:
    try:
        return float(text.value) if text else None
    except ValueError:
        return None
