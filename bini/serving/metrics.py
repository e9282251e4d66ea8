"""Metrics for Prometheus, in its text format: counters since the log began, gauges of the last window."""

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bini.domain.monitoring.alarms import AlarmName
from bini.domain.monitoring.watch import Stream

_SYSTEM = ["model", "adapter"]

_GAUGES = {
    "window_requests": "Requests in the last window.",
    "window_valid_ratio": "Share answered of the requests that came to the model.",
    "window_refused_ratio": "Share of requests refused as input.",
    "window_confidence_mean": "Mean confidence.",
    "window_confidence_stddev": "Standard deviation of the confidence.",
    "window_probability_stddev": "Standard deviation of a level's probability, where it is largest.",
    "window_rule_disagreement_ratio": "Share of answers whose level does not follow from their matches.",
    "window_abstention_ratio": "Share of elements left as 판단불가.",
    "window_review_ratio": "Share of answers that need review.",
    "window_product_chars_mean": "Mean length of the product description.",
    "window_korean_ratio": "Mean share of Hangul among its letters.",
    "window_seconds_mean": "Mean wall time of a request.",
    "window_stability_index": "Population stability index of the levels against the reference.",
}
_LABELLED_GAUGES = {
    "window_level_ratio": ("level", "Share of each risk level."),
    "window_review_ground_ratio": ("ground", "Share of answers that need review for a ground."),
    "alarm": ("alarm", "1 if the last window raises the alarm."),
}


def metrics(streams: Iterable[Stream]) -> bytes:
    """The metrics of some streams, as a server answers /metrics and the node exporter's textfile collector reads.

    Every metric is labelled with model and adapter, "" for none. What a window cannot tell has no line.

    Parameters
    ----------
    streams
        Each with at least one window.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Streams(tuple(streams)))
    return generate_latest(registry)


class _Streams(Collector):
    """The streams as `prometheus_client` asks for them."""

    def __init__(self, streams: tuple[Stream, ...]) -> None:
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        yield from self._counters()
        gauges = {name: GaugeMetricFamily(f"bini_{name}", told, labels=_SYSTEM) for name, told in _GAUGES.items()}
        labelled = {
            name: GaugeMetricFamily(f"bini_{name}", told, labels=[*_SYSTEM, label])
            for name, (label, told) in _LABELLED_GAUGES.items()
        }
        for stream in self._streams:
            for name, value in _figures(stream).items():
                if value is not None:
                    gauges[name].add_metric(_system(stream), value)
            for name, values in _labelled_figures(stream).items():
                for label, value in values.items():
                    labelled[name].add_metric([*_system(stream), label], value)
        yield from gauges.values()
        yield from labelled.values()

    def _counters(self) -> Iterator[Metric]:
        requests = CounterMetricFamily("bini_requests", "Requests by outcome.", labels=[*_SYSTEM, "outcome"])
        answers = CounterMetricFamily("bini_answers", "Answers by risk level.", labels=[*_SYSTEM, "level"])
        for stream in self._streams:
            for outcome, count in stream.outcomes.items():
                requests.add_metric([*_system(stream), outcome], count)
            for level, count in stream.levels.items():
                answers.add_metric([*_system(stream), level], count)
        yield requests
        yield answers


def _system(stream: Stream) -> list[str]:
    return [stream.model, stream.adapter or ""]


def _figures(stream: Stream) -> dict[str, float | None]:
    last = stream.windows[-1]
    return {
        "window_requests": last.span.last - last.span.first + 1,
        "window_valid_ratio": last.valid,
        "window_refused_ratio": last.refused,
        "window_confidence_mean": last.confidence,
        "window_confidence_stddev": last.confidence_spread,
        "window_probability_stddev": last.spread,
        "window_rule_disagreement_ratio": last.disagreement,
        "window_abstention_ratio": last.abstention,
        "window_review_ratio": last.review,
        "window_product_chars_mean": last.product_chars,
        "window_korean_ratio": last.korean,
        "window_seconds_mean": last.seconds,
        "window_stability_index": last.drift,
    }


def _labelled_figures(stream: Stream) -> dict[str, Mapping[str, float]]:
    last, raised = stream.windows[-1], {alarm.name for alarm in stream.current}
    return {
        "window_level_ratio": {level.value: share for level, share in last.levels.items()},
        "window_review_ground_ratio": {ground.value: share for ground, share in last.grounds.items()},
        "alarm": {name.value: float(name in raised) for name in AlarmName},
    }
