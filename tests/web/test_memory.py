"""What is remembered of single things: bounded, and of one process."""

import pickle

from designata.web.memory import Memory


def test_what_was_not_used_for_longest_goes_first() -> None:
    memory = Memory(10)
    for key in ("a", "b", "c"):
        memory.put(key, key.upper(), 3)
    assert memory.get("a") == "A"
    memory.put("d", "D", 4)
    assert [memory.get(key) for key in "abcd"] == ["A", None, "C", "D"]


def test_a_value_that_is_put_again_counts_once() -> None:
    memory = Memory(10)
    for number in range(5):
        memory.put("a", number, 6)
        memory.put("b", number, 4)
    assert [memory.get("a"), memory.get("b")] == [4, 4]


def test_what_is_too_large_is_not_kept() -> None:
    memory = Memory(10)
    memory.put("a", "A", 11)
    assert memory.get("a") is None
    memory.put("b", "B", 10)
    assert memory.get("b") == "B"


def test_in_another_process_it_begins_empty() -> None:
    memory = Memory(10)
    memory.put("a", "A", 3)
    copy = pickle.loads(pickle.dumps(memory))
    assert copy.get("a") is None
    copy.put("b", "B", 11)
    assert copy.get("b") is None
