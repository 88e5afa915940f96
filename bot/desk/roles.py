"""Who may do what. A role is a set of rights, and every route names the one right it needs."""

from __future__ import annotations

READ, REVIEW, TALK, CONTACTS, EXPORT, TEACH, MANAGE = (
    "read", "review", "talk", "contacts", "export", "teach", "manage",
)  # fmt: skip

RIGHTS = {
    READ: "see conversations, search and figures",
    REVIEW: "mark, tag, flag, note, assign and mark as read",
    TALK: "take a conversation over and write to the patient",
    CONTACTS: "see how a patient can be called back",
    EXPORT: "take conversations out of the desk",
    TEACH: "work through the trainers' queue and teach",
    MANAGE: "manage accounts, shared replies and the audit",
}
"""Every right and what it lets somebody do."""

ROLES: dict[str, frozenset[str]] = {
    "viewer": frozenset({READ}),
    "agent": frozenset({READ, REVIEW, TALK, CONTACTS}),
    "trainer": frozenset({READ, REVIEW, EXPORT, TEACH}),
    "admin": frozenset(RIGHTS),
}
"""Every role and its rights."""


def may(role: str, right: str) -> bool:
    """Whether a role has a right; an unknown role has none."""
    return right in ROLES.get(role, frozenset())
