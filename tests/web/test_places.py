"""Who is let in when not all can be: in turn, and no place is lost with one who leaves."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from designata.errors import StoreBusy
from designata.web.places import Door


def door(inside: int, row: int = 10, patience: float = 5.0) -> Door:
    return Door(inside, row, patience, lambda: StoreBusy("full"))


def run(work: Coroutine[Any, Any, None]) -> None:
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def test_those_who_wait_are_let_in_in_turn() -> None:
    async def work() -> None:
        places, order = door(1), list[int]()

        async def visit(number: int) -> None:
            async with places:
                order.append(number)
                await asyncio.sleep(0)

        await asyncio.gather(*map(visit, range(5)))
        assert order == [0, 1, 2, 3, 4]

    run(work())


def test_who_waits_too_long_or_behind_too_many_is_refused() -> None:
    async def work() -> None:
        places = door(1, row=1, patience=0.05)
        async with places:
            waiting = asyncio.ensure_future(places.__aenter__())
            await asyncio.sleep(0)
            with pytest.raises(StoreBusy):
                await places.__aenter__()
            with pytest.raises(StoreBusy):
                await waiting
        async with places:
            pass

    run(work())


@pytest.mark.parametrize("is_given", [False, True])
def test_who_gives_up_takes_no_place_along(is_given: bool) -> None:
    async def work() -> None:
        places = door(1, patience=1)
        await places.__aenter__()
        waiting = [asyncio.ensure_future(places.__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
        if is_given:
            await places.__aexit__()
        waiting[0].cancel()
        if not is_given:
            await places.__aexit__()
        await waiting[1]
        assert waiting[0].cancelled()

    run(work())
