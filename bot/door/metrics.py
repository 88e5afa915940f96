"""What the door counts, for Prometheus. No label holds a patient's words or a conversation's id."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector

_SECONDS = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry for one door, so that two doors in one process (tests) do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self.acknowledged = Counter(
            "marrow_messages_acknowledged", "Messages written down and acknowledged", ["kind"], registry=self.registry
        )
        self.repeated = Counter(
            "marrow_messages_repeated", "Messages that came again with the same client_id", registry=self.registry
        )
        self.refused = Counter("marrow_requests_refused", "Problem documents sent", ["problem"], registry=self.registry)
        self.danger = Counter(
            "marrow_danger_answered", "Messages answered by the fixed safety text", ["verdict"], registry=self.registry
        )
        self.answered = Counter(
            "marrow_messages_answered", "Messages that got their reply", ["outcome"], registry=self.registry
        )
        self.brain_failures = Counter("marrow_brain_failures", "Questions to the brain in vain", registry=self.registry)
        self.store_failures = Counter("marrow_store_failures", "Times the journal refused", registry=self.registry)
        self.hidden = Counter(
            "marrow_secrets_hidden", "Texts in which such a secret was hidden", ["kind"], registry=self.registry
        )
        self.withheld = Counter(
            "marrow_texts_withheld", "Texts that could not be looked through and were not kept", registry=self.registry
        )
        self.written_seconds = Histogram(
            "marrow_acknowledge_seconds", "From request to durable write", registry=self.registry, buckets=_SECONDS
        )
        self.brain_seconds = Histogram(
            "marrow_brain_seconds", "One answer of the brain", registry=self.registry, buckets=_SECONDS
        )
        self.reply_seconds = Histogram(
            "marrow_reply_seconds", "From durable write to reply", registry=self.registry, buckets=_SECONDS
        )
        self.streams = Gauge("marrow_open_streams", "Event streams open now", registry=self.registry)
        self.waiting = Gauge("marrow_messages_waiting", "Messages without a reply now", registry=self.registry)
