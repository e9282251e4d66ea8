"""Rolling windows over a stream of requests, for each model and adapter by itself."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from bini.domain.labels import RiskLevel
from bini.domain.monitoring.alarms import Alarm, alarms
from bini.domain.monitoring.record import LogRecord
from bini.domain.monitoring.windows import Reference, Window, window

PAST = 4
"""How many windows' length of requests before a window its review rate is compared with."""

ANSWERED = "answered"
"""Outcome of a request without an error."""


@dataclass
class Stream:
    """What one model with one adapter was asked, as it comes.

    A window is taken every half window's length; `latest` gives that of the last requests, full or not.

    Parameters
    ----------
    size
        Length of a window, in requests.
    outcomes
        Requests so far by outcome: `ANSWERED` or the kind of error.
    levels
        Answers so far by level.
    windows, alarms
        All so far, in their order.
    """

    model: str
    adapter: str | None
    size: int
    reference: Reference | None = None
    outcomes: Counter[str] = field(default_factory=Counter)
    levels: Counter[RiskLevel] = field(default_factory=Counter)
    windows: list[Window] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._recent: deque[LogRecord] = deque(maxlen=(1 + PAST) * self.size)

    @property
    def requests(self) -> int:
        """How many requests came so far."""
        return self.outcomes.total()

    @property
    def current(self) -> list[Alarm]:
        """The alarms of the last window."""
        return [alarm for alarm in self.alarms if alarm.window == self.windows[-1].span]

    def add(self, record: LogRecord) -> None:
        """Take a request, and a window if it is time for one."""
        self._recent.append(record)
        self.outcomes[record.error or ANSWERED] += 1
        if record.level:
            self.levels[record.level] += 1
        if self.requests >= self.size and (self.requests - self.size) % (self.size // 2) == 0:
            self._take()

    def close(self) -> None:
        """Take the window of the last requests, if none ends with them."""
        if not self.windows or self.windows[-1].span.last < self.requests:
            self._take()

    def _take(self) -> None:
        begin = max(0, len(self._recent) - self.size)
        here, past = list(islice(self._recent, begin, None)), list(islice(self._recent, begin))
        self.windows.append(window(here, self.requests, self.reference))
        self.alarms += alarms(self.windows[-1], past, self.reference)


@dataclass(frozen=True)
class Watch:
    """A whole log, watched.

    Parameters
    ----------
    streams
        One for each model and adapter, in the order in which they first came.
    unreadable
        How many lines were no record.
    """

    streams: tuple[Stream, ...]
    unreadable: int


def watch(records: Iterable[LogRecord | None], size: int, reference: Reference | None = None) -> Watch:
    """Watch the records of a log.

    Parameters
    ----------
    records
        As `bini.domain.monitoring.log.read_log` gives them.
    size
        Length of a window, in requests; at least 2.
    reference
        What is normal.
    """
    streams: dict[tuple[str, str | None], Stream] = {}
    unreadable = 0
    for record in records:
        if record is None:
            unreadable += 1
            continue
        system = (record.model, record.adapter)
        streams.setdefault(system, Stream(*system, size, reference)).add(record)
    for stream in streams.values():
        stream.close()
    return Watch(tuple(streams.values()), unreadable)
