"""Sums as metrics, in the text formats of Prometheus and OpenMetrics."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from aicode_mock import __version__
from aicode_mock.meters import BOUNDS_MS, BUCKETS, Sums

_COUNTERS = {
    "rows": "Rows sent as JSON items or CSV records.",
    "bytes": "Bytes of bodies sent.",
    "limited": "Answers 429 of the rate limits.",
    "faults": "Faults that hit a request.",
}
_NAMES = {"bytes": "sent_bytes"}


class _Sums(Collector):
    """What a registry asks."""

    def __init__(self, sums: Sums, worlds: Mapping[bool, int]) -> None:
        self._sums, self._worlds = sums, worlds

    def collect(self) -> Iterator[Metric]:
        yield self._requests()
        yield self._seconds()
        for name, about in _COUNTERS.items():
            counter = CounterMetricFamily(f"aicode_mock_{_NAMES.get(name, name)}", about, labels=["endpoint"])
            for endpoint in self._endpoints():
                counter.add_metric([endpoint], self._sums[name, endpoint, ""])
            yield counter
        worlds = GaugeMetricFamily("aicode_mock_worlds", "Worlds in the store.", labels=["kind"])
        for kind, is_sandbox in (("made", False), ("sandbox", True)):
            worlds.add_metric([kind], self._worlds.get(is_sandbox, 0))
        yield worlds
        build = GaugeMetricFamily("aicode_mock_build_info", "The version that answers.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build

    def _endpoints(self) -> list[str]:
        return sorted({endpoint for _, endpoint, _ in self._sums})

    def _requests(self) -> Metric:
        requests = CounterMetricFamily(
            "aicode_mock_requests", "Requests of the mirrored API, answered.", labels=["endpoint", "status"]
        )
        for (name, endpoint, status), value in sorted(self._sums.items()):
            if name == "requests":
                requests.add_metric([endpoint, status], value)
        return requests

    def _seconds(self) -> Metric:
        seconds = HistogramMetricFamily(
            "aicode_mock_request_seconds",
            "From the arrival of a request to its journal entry; of a stream or a slowed answer, to its end.",
            labels=["endpoint"],
        )
        bounds = [*(str(bound / 1000) for bound in BOUNDS_MS), "+Inf"]
        for endpoint in self._endpoints():
            upto = accumulate(self._sums["bucket", endpoint, bucket] for bucket in BUCKETS)
            total_s = self._sums["microseconds", endpoint, ""] / 1_000_000
            seconds.add_metric([endpoint], list(zip(bounds, upto, strict=True)), total_s)
        return seconds


def exposition(sums: Sums, worlds: Mapping[bool, int], *, accept: str) -> tuple[bytes, str]:
    """The metrics in a format that ``accept`` asks for, and its media type.

    ``worlds`` are counted by whether they are sandboxes.
    """
    registry = CollectorRegistry()
    registry.register(_Sums(sums, worlds))
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type
