"""The journal: what was said, what still waits for an answer, and what was erased.

It is the truth that every other room reads. Nothing here knows HTTP or the brain; the door hands in times, texts
and replies, and each public function is one transaction.
"""
