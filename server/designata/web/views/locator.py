"""Where a place lies in its country, drawn without a map: the country's box and a point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import NamedNode

from designata.web.asking import ask
from designata.web.positions import finite, number, position
from designata.web.things import Thing

WIDTH: Final = 320.0
_SIDES: Final = ("west", "east", "south", "north")
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
    found = position(thing)
    if found is None:
        return None
    latitude, longitude = found
    geometry = thing.thing("geo:hasGeometry")
    metres = number(geometry.text("dsg:precisionInMetres")) if geometry else None
    precision = int(metres) if metres and metres > 0 else None
    rows = ask("box", thing=NamedNode(thing.iri))
    box = _box(rows[0]) if rows else None
    if box is None:
        return Locator(latitude, longitude, precision)
    west, east, south, north = box
    scale = WIDTH / (east - west)
    stretch = scale / math.cos(math.radians((south + north) / 2))
    return Locator(
        latitude,
        longitude,
        precision,
        rows[0]["label"].value,
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


def _box(row: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """West, east, south and north of a country, where something can be drawn between them."""
    west, east, south, north = (finite(row[side].value) for side in _SIDES)
    if west is None or east is None or south is None or north is None:
        return None
    drawn = -180 <= west < east <= 180 and -90 < south < north < 90
    return (west, east, south, north) if drawn else None
