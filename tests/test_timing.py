"""Ways are run in turn, and compared run by run."""

from bini import timing
from bini.timing import Cost, Way, measure


def test_ways_alternate_and_are_compared_with_the_first(monkeypatch) -> None:
    done: list[str] = []
    clock = [0.0]
    takes = {"plain": iter([4.0, 40.0, 6.0]), "fast": iter([2.0, 10.0, 1.0])}

    def way(name: str, calls: int) -> Way:
        def work() -> Cost:
            done.append(name)
            clock[0] += next(takes[name])
            return Cost(calls, 10 * calls)

        return Way(name, work)

    monkeypatch.setattr(timing.time, "perf_counter", lambda: clock[0])
    plain, fast = measure("chart", [way("plain", 20), way("fast", 3)], 3)
    assert done == ["plain", "fast"] * 3
    assert (plain.seconds, plain.fastest, plain.slowest, plain.ratio) == (6.0, 4.0, 40.0, 1.0)
    assert (fast.seconds, fast.fastest, fast.slowest) == (2.0, 1.0, 10.0)
    assert fast.ratio == 4.0, "the median of 2, 4 and 6: a slow moment of the machine falls out"
    assert (fast.calls, fast.tokens) == (3, 30)


def test_the_peak_is_that_of_the_way_and_not_of_what_ran_before() -> None:
    def hold(mebibytes: int) -> Way:
        def work() -> Cost:
            bytearray(b"x") * (mebibytes << 20)
            return Cost(0, 0)

        return Way(str(mebibytes), work)

    large, small = measure("memory", [hold(300), hold(1)], 1)
    if large.peak_mib:  # where the system tells
        assert large.peak_mib - small.peak_mib > 200
