"""A few rounds of the kill -9 harness; `kill9.py 100` runs many."""

import kill9


def test_nothing_is_lost_or_invented():
    generations, received, billed = kill9.run(rounds=4, seed=1)
    # A harness that never got anything to count would prove nothing.
    assert generations > 0 and 0 < received <= billed
