"""One's own account: a first password by a link, the second step, where one is logged in, and the keys."""

from __future__ import annotations

import asyncio

import pyotp
import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import guard, login
from bot.desk.context import desk_of
from bot.desk.guard import HALF, OPEN, SELF, account, act, page, text
from bot.desk.render import done
from bot.desk.render import page as write
from bot.desk.vault import new_second, step_of, weakness
from bot.journal import sessions, staff
from bot.journal.sessions import FULL, SETUP, Session

OVER = "This link was used already or is over. Ask an admin for a new one."


async def welcome(request: Request) -> Response:
    """The form of a link that lets its holder set a password."""
    desk, token = desk_of(request), request.path_params["token"]
    now_ms = desk.clock.now_ms()
    found = await desk.journal(lambda: staff.by_invite(desk.store, token, now_ms=now_ms))
    if found is None:
        raise HTTPException(410, OVER)
    return write(request, "welcome.html", who=found, token=token, said="")


async def set_first(request: Request) -> Response:
    """Sets the password of a link, which is used up by it, and logs in."""
    desk, token, form = desk_of(request), request.path_params["token"], await request.form()
    now_ms, password = desk.clock.now_ms(), str(form.get("password", ""))[:1000]
    found = await desk.journal(lambda: staff.by_invite(desk.store, token, now_ms=now_ms))
    if found is None:
        raise HTTPException(410, OVER)
    weak = weakness(password, found.name, found.email)
    if not weak and password != form.get("again"):
        weak = "The two are not the same."
    if weak:
        return write(request, "welcome.html", status=422, who=found, token=token, said=weak)
    hashed = await asyncio.to_thread(desk.vault.hash, password)
    row = await desk.journal(lambda: staff.row_of(desk.store, found.id))
    await desk.journal(
        lambda: staff.change(
            desk.store, found.id, "set_password", now_ms=now_ms, actor=found.actor, ends_sessions=True,
            password_hash=hashed, invite_hash=None, invite_until_ms=None,
        )
    )  # fmt: skip
    needed = desk.settings.desk_second_step == "required"
    step = sessions.CODE if row.second_key is not None else SETUP if needed else FULL
    return await login.begin(request, found.id, step, "")


async def me(request: Request) -> Response:
    """The account's page."""
    return await _me(request)


async def _me(request: Request, *, said: str = "", good: str = "", status: int = 200) -> Response:
    desk, mine, now_ms = desk_of(request), account(request), desk_of(request).clock.now_ms()
    found = await desk.journal(lambda: sessions.of(desk.store, mine.id, desk.limits, now_ms=now_ms))
    codes = await desk.journal(lambda: staff.recovery_codes_left(desk.store, mine.id))
    return write(
        request, "me.html", status=status, sessions=found, this=request.state.session.id_hash, codes=codes, said=said,
        good=good, required=desk.settings.desk_second_step == "required",
    )  # fmt: skip


async def set_keys(request: Request) -> Response:
    """Switches single keys on or off (WCAG 2.1.4)."""
    desk, mine, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    on = form.get("on") == "1"
    await desk.journal(
        lambda: staff.change(
            desk.store, mine.id, "set_keys", now_ms=now_ms, actor=mine.actor, single_keys=on
        )
    )  # fmt: skip
    return done(request, "/desk/me")


async def set_password(request: Request) -> Response:
    """Changes one's password; every other browser is logged out."""
    desk, mine, form, now_ms = desk_of(request), account(request), await request.form(), desk_of(request).clock.now_ms()
    wait_ms = await login.count_try(desk, request, mine.email)
    if wait_ms:
        return await _me(request, said=login.waits(wait_ms), status=429)
    old, new = str(form.get("old", ""))[:1000], str(form.get("password", ""))[:1000]
    row = await desk.journal(lambda: staff.row_of(desk.store, mine.id))
    if not await asyncio.to_thread(desk.vault.is_password, old, row.password_hash):
        return await _me(request, said="Your present password is not right.", status=422)
    await desk.journal(lambda: sessions.succeeded(desk.store, [f"account:{mine.email}"]))
    weak = weakness(new, mine.name, mine.email) or ("" if new == form.get("again") else "The two are not the same.")
    if weak:
        return await _me(request, said=weak, status=422)
    hashed = await asyncio.to_thread(desk.vault.hash, new)
    await desk.journal(
        lambda: staff.change(
            desk.store, mine.id, "set_password", now_ms=now_ms, actor=mine.actor, ends_sessions=True,
            keep_session=request.state.session.id_hash, password_hash=hashed,
        )
    )  # fmt: skip
    return await login.begin(request, mine.id, FULL, "/desk/me")


async def second_setup(request: Request) -> Response:
    """Shows the QR code of a new second step."""
    session: Session = request.state.session
    if session.step == sessions.CODE:
        return RedirectResponse(guard.STEPS[sessions.CODE], status_code=303)
    return _setup(request, new_second())


def _setup(request: Request, secret: str, *, said: str = "", status: int = 200) -> Response:
    session: Session = request.state.session
    issuer = f"Marrow ({desk_of(request).settings.hospital_name})"
    link = pyotp.TOTP(secret).provisioning_uri(name=session.account.email, issuer_name=issuer)
    picture = segno.make(link, error="m").svg_data_uri(scale=5, border=3, dark="#1f2b2c", light="#ffffff")
    spaced = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    # The secret goes back and forth sealed, so that nothing is kept before a first code has proved it.
    sealed = desk_of(request).vault.seal(f"{session.account.id}:{secret}").decode()
    return write(
        request, "second.html", status=status, picture=picture, spaced=spaced, sealed=sealed, said=said,
        to=request.query_params.get("to", ""),
    )  # fmt: skip


async def set_second(request: Request) -> Response:
    """Takes the first code of a new second step; then it counts, and the recovery codes are shown once."""
    desk, form, now_ms = desk_of(request), await request.form(), desk_of(request).clock.now_ms()
    session: Session = request.state.session
    mine = session.account
    if session.step == sessions.CODE:
        return RedirectResponse(guard.STEPS[sessions.CODE], status_code=303)
    owner, _, secret = (desk.vault.opened(str(form.get("sealed", "")).encode()) or "").partition(":")
    if owner != str(mine.id) or not secret:
        return _setup(request, new_second(), said="This took too long. Begin again with this picture.", status=422)
    if session.step == FULL and not await _is_me(request, str(form.get("password", ""))[:1000]):
        return _setup(request, secret, said="Your password is not right.", status=422)
    step = step_of(secret, text(form, "code", 40), now_ms)
    if step is None:
        return _setup(
            request, secret, said="This is not the code that the app shows now. Try the next one.", status=422
        )
    codes = desk.vault.recovery_codes()
    hashes = [desk.vault.code_hash(code) for code in codes]
    sealed = desk.vault.seal(secret)
    await desk.journal(lambda: staff.set_recovery_codes(desk.store, mine.id, hashes))
    await desk.journal(
        lambda: staff.change(
            desk.store, mine.id, "set_second_step", now_ms=now_ms, actor=mine.actor, ends_sessions=True,
            keep_session=session.id_hash, second_key=sealed, second_step=step,
        )
    )  # fmt: skip
    begun = await login.begin(request, mine.id, FULL, "")
    shown = write(request, "codes.html", codes=codes)
    shown.raw_headers += [header for header in begun.raw_headers if header[0] == b"set-cookie"]
    return shown


async def _is_me(request: Request, password: str) -> bool:
    """Whether the password is right, before something is changed that would lock its owner out."""
    desk, mine = desk_of(request), account(request)
    row = await desk.journal(lambda: staff.row_of(desk.store, mine.id))
    if row.password_hash is None:  # who comes by single sign-on has none
        return True
    if await login.count_try(desk, request, mine.email):
        return False
    if not await asyncio.to_thread(desk.vault.is_password, password, row.password_hash):
        return False
    await desk.journal(lambda: sessions.succeeded(desk.store, [f"account:{mine.email}"]))
    return True


ROUTES = [
    page("/welcome/{token}", welcome, OPEN),
    act("/welcome/{token}", set_first, OPEN),
    page("/me", me, SELF),
    act("/me/keys", set_keys, SELF),
    act("/me/password", set_password, SELF),
    page("/second", second_setup, HALF),
    act("/second", set_second, HALF),
    page("/me/second", second_setup, SELF, name="second_anew"),
    act("/me/second", set_second, SELF, name="set_second_anew"),
]
