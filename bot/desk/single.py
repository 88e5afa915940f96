"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce; the ID token's signature is checked.

Nobody gets an account by it. Who is known by a verified e-mail address is bound to the provider's name for them at the
first login; from then on that name counts. The second step is the provider's.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.desk import login
from bot.desk.commands import address
from bot.desk.context import Desk, desk_of
from bot.desk.guard import OPEN, page
from bot.desk.render import page as write
from bot.desk.vault import new_token
from bot.errors import MarrowError
from bot.journal import staff
from bot.journal.sessions import FULL

BACK = "/desk/login/single/back"
COOKIE = "marrow-desk-single"
COOKIE_S = 600
TIMEOUT_S = 10.0
LEEWAY_S = 60
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"]
"""What an ID token may be signed with: nothing symmetric, and not "none"."""


class NotSignedOn(MarrowError):
    """The provider's answer cannot be used."""


async def begin(request: Request) -> Response:
    """Goes to the provider."""
    desk = desk_of(request)
    try:
        known = await _discover(desk)
    except NotSignedOn as error:
        return _refused(request, str(error))
    state, nonce, verifier = new_token(), new_token(), generate_token(48)
    async with _client(desk, code_challenge_method="S256") as client:
        url, _ = client.create_authorization_url(
            known["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
        )
    response = RedirectResponse(url, status_code=303)
    kept = json.dumps([state, nonce, verifier, login.inside(request.query_params.get("to", ""))])
    response.set_cookie(
        COOKIE, desk.vault.seal(kept).decode(), max_age=COOKIE_S, path=BACK, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


async def back(request: Request) -> Response:
    """Comes back from the provider."""
    desk, query = desk_of(request), request.query_params
    try:
        state, nonce, verifier, to = json.loads(desk.vault.opened(request.cookies.get(COOKIE, "").encode()) or "null")
    except (ValueError, TypeError):
        return _refused(request, "this took too long, or it began in another browser")
    if not state or query.get("state") != state or not query.get("code"):
        return _refused(request, str(query.get("error") or "the answer does not belong to what was asked")[:80])
    try:
        known = await _discover(desk)
        claims = await _claims(desk, known, str(query["code"]), verifier, nonce)
        found = await _account(desk, claims)
    except NotSignedOn as error:
        return _refused(request, str(error))
    response = await login.begin(request, found.id, FULL, to)
    response.delete_cookie(COOKIE, path=BACK)
    return response


def _refused(request: Request, why: str) -> Response:
    said = f"The single sign-on did not work: {why}."
    return write(request, "login.html", status=401, said=said, email="", to="", single=True)


def _client(desk: Desk, **more: Any) -> AsyncOAuth2Client:
    given = desk.settings
    return AsyncOAuth2Client(
        client_id=given.oidc_client_id, client_secret=given.oidc_client_secret, scope="openid email profile",
        redirect_uri=f"{address(given)}{BACK}", timeout=TIMEOUT_S, trust_env=False, **more,
    )  # fmt: skip


async def _get(url: str) -> Any:
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            response = await client.get(url)
            response.raise_for_status()
            return response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotSignedOn("the provider cannot be reached") from error


async def _discover(desk: Desk) -> dict[str, Any]:
    issuer = desk.settings.oidc_issuer
    if not issuer:
        raise NotSignedOn("none is set up")
    known = await _get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if not isinstance(known, dict) or known.get("issuer") != issuer:
        raise NotSignedOn("the provider names itself differently from MARROW_OIDC_ISSUER")
    return known


async def _claims(desk: Desk, known: dict[str, Any], code: str, verifier: str, nonce: str) -> dict[str, Any]:
    try:
        async with _client(desk) as client:
            token = await client.fetch_token(known["token_endpoint"], code=code, code_verifier=verifier)
        keys = KeySet.import_key_set(await _get(known["jwks_uri"]))
        claims: dict[str, Any] = dict(jwt.decode(str(token["id_token"]), keys, algorithms=ALGORITHMS).claims)
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": desk.settings.oidc_client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
    except (OAuth2Error, httpx.HTTPError, JoseError, KeyError, ValueError, TypeError) as error:
        raise NotSignedOn(f"the provider's answer is not right ({type(error).__name__})") from error
    party = claims.get("azp")
    if party is not None and party != desk.settings.oidc_client_id:
        raise NotSignedOn("the provider's answer is meant for somebody else")
    return claims


async def _account(desk: Desk, claims: dict[str, Any]) -> staff.Account:
    subject = staff.sha256(urlencode({"iss": claims["iss"], "sub": claims["sub"]}))
    found = await desk.journal(lambda: staff.by_subject(desk.store, subject))
    if found is None:
        email = str(claims.get("email") or "")
        if not email or claims.get("email_verified") is not True:
            raise NotSignedOn("the provider names no verified e-mail address")
        row = await desk.journal(lambda: staff.by_email(desk.store, email))
        if row is None or row.single_subject is not None:
            raise NotSignedOn("there is no account for you here; ask an admin")
        found = staff.account_of(row)
        if found.active:
            number, now_ms = found.id, desk.clock.now_ms()
            await desk.journal(
                lambda: staff.change(
                    desk.store, number, "bind_single", now_ms=now_ms, actor=f"staff:{number}", single_subject=subject,
                    invite_hash=None, invite_until_ms=None,
                )
            )  # fmt: skip
    if not found.active:
        raise NotSignedOn("there is no account for you here; ask an admin")
    return found


ROUTES = [page("/login/single", begin, OPEN, name="single"), page("/login/single/back", back, OPEN, name="single_back")]
