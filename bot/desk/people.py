"""For admins: who works at the desk, and what was done there."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import shown
from bot.desk.commands import INVITE_MS, invite_link
from bot.desk.context import desk_of
from bot.desk.guard import account, act, page, text
from bot.desk.render import done
from bot.desk.render import page as write
from bot.desk.roles import MANAGE, RIGHTS, ROLES, TEACH
from bot.desk.vault import new_token
from bot.journal import audit, names, staff, teachings

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
AUDIT_ROWS = 200
NAME_SAID = (
    "Write the first name first: letters, hyphens and apostrophes, without a title, a number or an address. Patients "
    "see the first word alone."
)


async def people(request: Request) -> Response:
    """All accounts."""
    return await _people(request)


async def _people(request: Request, *, said: str = "", link: str = "", whose: str = "", status: int = 200) -> Response:
    desk = desk_of(request)
    found = await desk.journal(lambda: staff.everybody(desk.store))
    return write(
        request, "people.html", status=status, people=found, roles=ROLES, rights=RIGHTS, said=said, link=link,
        whose=whose,
    )  # fmt: skip


async def add(request: Request) -> Response:
    """Makes an account; the link that sets its password is shown once."""
    desk, mine, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    email, name, role = text(form, "email", 254), text(form, "name", names.MOST), text(form, "role", 16)
    if not _EMAIL.fullmatch(email) or role not in ROLES:
        return await _people(request, said="An e-mail address, a first name and a role are needed.", status=422)
    token = new_token()
    try:
        made = await desk.journal(
            lambda: staff.add(
                desk.store, email=email, name=name, role=role, now_ms=now_ms, actor=mine.actor, invite=token,
                invite_until_ms=now_ms + INVITE_MS,
            )
        )  # fmt: skip
    except staff.StaffExists:
        return await _people(request, said=f"There is an account for {email} already.", status=409)
    except names.BadName:
        return await _people(request, said=NAME_SAID, status=422)
    return await _people(request, link=invite_link(desk.settings, token), whose=made.name)


async def change(request: Request) -> Response:
    """Changes role or name, closes an account, or opens it again with a new link."""
    desk, mine, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    number, what = shown.number(request.path_params["number"], 0, 2**31 - 1), text(form, "what", 16)
    try:
        if what == "edit":
            role, name = text(form, "role", 16), text(form, "name", names.MOST)
            if role not in ROLES:
                return await _people(request, said="A role is needed.", status=422)
            before = await desk.journal(lambda: staff.by_id(desk.store, number))
            await desk.journal(
                lambda: staff.change(
                    desk.store, number, "staff_change", now_ms=now_ms, actor=mine.actor,
                    ends_sessions=role != before.role, role=role, name=name,
                )
            )  # fmt: skip
        elif what == "close":
            await desk.journal(
                lambda: staff.change(
                    desk.store, number, "staff_disable", now_ms=now_ms, actor=mine.actor, ends_sessions=True,
                    disabled_at_ms=now_ms, invite_hash=None, invite_until_ms=None,
                )
            )  # fmt: skip
        elif what == "reset":
            token = new_token()
            found = await desk.journal(
                lambda: staff.reset(
                    desk.store, number, now_ms=now_ms, actor=mine.actor, invite=token,
                    invite_until_ms=now_ms + INVITE_MS,
                )
            )  # fmt: skip
            return await _people(request, link=invite_link(desk.settings, token), whose=found.name)
        else:
            raise HTTPException(422, "what: one of edit, close, reset.")
    except staff.LastAdmin:
        return await _people(request, said="This is the last admin. Make another one first.", status=409)
    except names.BadName:
        return await _people(request, said=NAME_SAID, status=422)
    return done(request, "/desk/people")


async def audit_page(request: Request) -> Response:
    """The newest rows of the audit; of one conversation when its short name is given."""
    desk, query = desk_of(request), request.query_params
    subject, who, action = (query.get(name, "").strip()[:64] for name in ("subject", "who", "action"))
    before = shown.number(query.get("before"), 0, 2**31 - 1) if query.get("before") else 0

    def read() -> tuple[list[audit.Entry], dict[str, str], list[str]]:
        rows = audit.newest(desk.store, subject=subject, actor=who, action=action, before=before, at_most=AUDIT_ROWS)
        names = {one.actor: one.name for one in staff.everybody(desk.store)}
        return rows, names, audit.actions(desk.store)

    rows, names, actions = await desk.journal(read)
    return write(
        request, "audit.html", rows=rows, names=names, actions=actions, subject=subject, who=who, action=action,
        more=rows[-1].id if len(rows) == AUDIT_ROWS else 0,
    )  # fmt: skip


async def teaching(request: Request) -> Response:
    """The trainers' queue: what staff say that messages should have been read as."""
    desk, state = desk_of(request), request.query_params.get("state", "open")
    if state not in teachings.STATES:
        raise HTTPException(404)
    with_right = "right" in request.query_params
    found = await desk.journal(lambda: teachings.teachings(desk.store, state=state, with_right=with_right))
    return write(request, "teaching.html", found=found, state=state, with_right=with_right, handle=shown.handle)


async def settle_teaching(request: Request) -> Response:
    """Says what became of an entry."""
    desk, mine, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    seq, state = shown.number(request.path_params["seq"], 0, 2**31 - 1), text(form, "state", 16)
    if state not in teachings.STATES:
        raise HTTPException(422, "state: one of open, used, declined.")
    conversation = request.path_params["conversation"]
    await desk.journal(
        lambda: teachings.settle_teaching(desk.store, conversation, mine, seq, state, now_ms=now_ms)
    )  # fmt: skip
    return done(request, "/desk/teaching")


ROUTES = [
    page("/people", people, MANAGE),
    act("/people", add, MANAGE, name="people_add"),
    act("/people/{number}", change, MANAGE, name="people_change"),
    page("/audit", audit_page, MANAGE, name="audit"),
    page("/teaching", teaching, TEACH),
    act("/teaching/{conversation}/{seq}", settle_teaching, TEACH),
]
