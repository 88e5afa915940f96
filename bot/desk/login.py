"""Logging in and out: password, then the second step. The session's id is new after each of them."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.callers import address_of
from bot.desk import guard
from bot.desk.context import Desk, desk_of
from bot.desk.guard import HALF, OPEN, SELF, act, page
from bot.desk.render import page as write
from bot.desk.vault import new_token, step_of
from bot.journal import sessions, staff
from bot.journal.sessions import CODE, FULL, SETUP, Session

WRONG = "This address and password do not belong together."
ADDRESSES = 5
"""An address may have this many times the tries of an account: a whole office can share one."""


async def login(request: Request) -> Response:
    """The form."""
    session: Session | None = request.state.session
    if session is not None:
        return RedirectResponse(guard.STEPS[session.step], status_code=303)
    return _form(request)


def _form(request: Request, *, said: str = "", email: str = "", to: str = "", status: int = 200) -> Response:
    to = to or request.query_params.get("to", "")
    single = bool(desk_of(request).settings.oidc_issuer)
    return write(request, "login.html", said=said, email=email, to=to, single=single, status=status)


async def log_in(request: Request) -> Response:
    """Looks at address and password."""
    desk, form = desk_of(request), await request.form()
    email, to = guard.text(form, "email", 254), guard.text(form, "to", 2000)
    password = str(form.get("password", ""))[:1000]
    wait_ms = await count_try(desk, request, email)
    if wait_ms:
        return _form(request, said=waits(wait_ms), email=email, to=to, status=429)
    row = await desk.journal(lambda: staff.by_email(desk.store, email))
    usable = row is not None and row.disabled_at_ms is None
    right = await asyncio.to_thread(desk.vault.is_password, password, row.password_hash if row and usable else None)
    if not right or row is None:
        await _refused(request, row.id if row else None, "login_refused")
        return _form(request, said=WRONG, email=email, to=to, status=401)
    if desk.vault.is_outdated(row.password_hash):
        fresh = await asyncio.to_thread(desk.vault.hash, password)
        await _change(desk, row.id, "rehash", password_hash=fresh)
    needed = desk.settings.desk_second_step == "required"
    step = CODE if row.second_key is not None else SETUP if needed else FULL
    if step == FULL:
        await desk.journal(lambda: sessions.succeeded(desk.store, [f"account:{row.email}"]))
    return await begin(request, row.id, step, to)


async def _change(desk: Desk, number: int, action: str, **columns: Any) -> None:
    now_ms = desk.clock.now_ms()
    await desk.journal(
        lambda: staff.change(desk.store, number, action, now_ms=now_ms, actor=f"staff:{number}", **columns)
    )


async def count_try(desk: Desk, request: Request, email: str) -> int:
    """Counts a try for the account and for the address; gives how long to wait, in ms, or 0."""
    most = desk.settings.desk_login_attempts
    counted = [(f"account:{staff.normal(email)}", most), (f"address:{address_of(request)}", most * ADDRESSES)]
    now_ms = desk.clock.now_ms()
    return await desk.journal(lambda: sessions.attempt(desk.store, counted, now_ms=now_ms))


def waits(wait_ms: int) -> str:
    """Says that it was tried too often."""
    return f"This was tried too often. Try again in {-(-wait_ms // 60_000)} min, or ask an admin to reset the account."


async def login_code(request: Request) -> Response:
    """The form for the second step."""
    session: Session = request.state.session
    if session.step != CODE:
        return RedirectResponse(guard.STEPS[session.step], status_code=303)
    return write(request, "code.html", said="", to=request.query_params.get("to", ""))


async def log_in_code(request: Request) -> Response:
    """Looks at the code of the app, or at a recovery code."""
    desk, form = desk_of(request), await request.form()
    session: Session = request.state.session
    code, to = guard.text(form, "code", 40), guard.text(form, "to", 2000)
    if session.step != CODE:
        return RedirectResponse(guard.STEPS[session.step], status_code=303)
    wait_ms = await count_try(desk, request, session.account.email)
    if wait_ms:
        return write(request, "code.html", said=waits(wait_ms), to=to, status=429)
    if not await takes_code(desk, session.account.id, code):
        await _refused(request, session.account.id, "code_refused")
        said = "This code is wrong or was used already. Wait for the next one, or use a recovery code."
        return write(request, "code.html", said=said, to=to, status=401)
    await desk.journal(lambda: sessions.succeeded(desk.store, [f"account:{session.account.email}"]))
    return await begin(request, session.account.id, FULL, to)


async def _refused(request: Request, number: int | None, action: str) -> None:
    desk, now_ms, address = desk_of(request), desk_of(request).clock.now_ms(), address_of(request)
    await desk.journal(lambda: sessions.refused(desk.store, number, action, now_ms=now_ms, address=address))


async def takes_code(desk: Desk, number: int, code: str) -> bool:
    """Uses up a code of the app or a recovery code; False when it is neither."""
    now_ms = desk.clock.now_ms()
    row = await desk.journal(lambda: staff.row_of(desk.store, number))
    secret = desk.vault.opened(row.second_key) if row.second_key else None
    step = step_of(secret, code, now_ms) if secret else None
    if step is not None:
        return await desk.journal(lambda: staff.take_step(desk.store, number, step))
    hashed = desk.vault.code_hash(code)
    return await desk.journal(lambda: staff.use_recovery_code(desk.store, number, hashed, now_ms=now_ms))


async def begin(request: Request, number: int, step: str, to: str) -> Response:
    """Begins a session under a new id, ends the one before, and goes where the person wanted to."""
    desk, token, now_ms = desk_of(request), new_token(), desk_of(request).clock.now_ms()
    browser = request.headers.get("user-agent", "")
    await desk.journal(
        lambda: sessions.begin(
            desk.store, token, number, step, now_ms=now_ms, address=address_of(request), browser=browser,
            replaces=request.state.token,
        )
    )  # fmt: skip
    where = inside(to) if step == FULL else f"{guard.STEPS[step]}?{urlencode({'to': to})}"
    response = RedirectResponse(where, status_code=303)
    guard.set_cookie(request, response, token)
    return response


def inside(to: str) -> str:
    """A path of the desk or the studio; anything else (another site, a script) becomes the inbox."""
    split = urlsplit(to.replace("\\", "/"))
    own = not split.scheme and not split.netloc and split.path.startswith(("/desk/", "/studio/"))
    plain = "//" not in split.path and ".." not in split.path
    return to if own and plain and "\n" not in to and "\r" not in to else "/desk/inbox"


async def log_out(request: Request) -> Response:
    """Ends this session."""
    return await _end(request, everywhere=False)


async def log_out_everywhere(request: Request) -> Response:
    """Ends every session of the account."""
    return await _end(request, everywhere=True)


async def _end(request: Request, *, everywhere: bool) -> Response:
    desk, now_ms = desk_of(request), desk_of(request).clock.now_ms()
    session: Session = request.state.session
    await desk.journal(lambda: sessions.end(desk.store, session, now_ms=now_ms, everywhere=everywhere))
    response = RedirectResponse("/desk/login", status_code=303)
    response.delete_cookie(guard.cookie_name(request), path="/")
    # What the browser still holds of pages with patients' words goes too.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


ROUTES: list[Route] = [
    page("/login", login, OPEN),
    act("/login", log_in, OPEN),
    page("/login/code", login_code, HALF),
    act("/login/code", log_in_code, HALF),
    act("/logout", log_out, SELF),
    act("/logout/half", log_out, HALF, name="log_out_half"),
    act("/logout/everywhere", log_out_everywhere, SELF),
]
