"""Single sign-on against a small OpenID Connect provider of our own, which can be told to cheat."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.journal import audit, staff

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})


def forged(header, claims):
    """A token without a signature, or with one by the provider's public key taken as a shared secret."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signed = b".".join(parts)
    mark = b""
    if header["alg"] == "HS256":
        digest = hmac.new(KEY.as_pem(private=False), signed, hashlib.sha256).digest()
        mark = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return (signed + b"." + mark).decode()


class Provider:
    """Gives a code at /authorize, a token at /token, its key at /keys. `claims` changes what it says."""

    def __init__(self):
        self.claims, self.codes, self.key, self.algorithm, self.name = {}, {}, KEY, "RS256", None
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def _json(self, body, status=200):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_GET(self):
                at = urlsplit(self.path)
                if at.path == "/.well-known/openid-configuration":
                    base = provider.issuer
                    self._json({
                        "issuer": provider.name or base, "authorization_endpoint": f"{base}/authorize",
                        "token_endpoint": f"{base}/token", "jwks_uri": f"{base}/keys",
                    })  # fmt: skip
                elif at.path == "/keys":
                    self._json({"keys": [KEY.as_dict(private=False)]})
                elif at.path == "/authorize":
                    asked = {name: values[0] for name, values in parse_qs(at.query).items()}
                    code = hashlib.sha256(at.query.encode()).hexdigest()
                    provider.codes[code] = asked
                    self.send_response(302)
                    to = asked["redirect_uri"] + "?" + urlencode({"code": code, "state": asked["state"]})
                    self.send_header("Location", to)
                    self.end_headers()
                else:
                    self._json({}, 404)

            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                asked = provider.codes.pop(form["code"][0], None)
                digest = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
                challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                basic = base64.b64encode(b"marrow:client secret").decode()
                if (
                    asked is None
                    or asked["code_challenge"] != challenge
                    or asked["code_challenge_method"] != "S256"
                    or self.headers.get("Authorization") != f"Basic {basic}"
                ):
                    self._json({"error": "invalid_grant"}, 400)
                    return
                now = int(time.time())
                claims = {
                    "iss": provider.issuer, "sub": "anna-1", "aud": "marrow", "iat": now, "exp": now + 300,
                    "nonce": asked["nonce"], "email": "anna.agent@hospital.example", "email_verified": True,
                    **provider.claims,
                }  # fmt: skip
                claims = {name: value for name, value in claims.items() if value is not None}
                header = {"alg": provider.algorithm, "kid": "one"}
                if provider.algorithm == "RS256":
                    token = jwt.encode(header, claims, provider.key)
                else:
                    token = forged(header, claims)
                self._json({"access_token": "a", "token_type": "Bearer", "id_token": token})

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()


@pytest.fixture
def provider():
    made = Provider()
    yield made
    made.stop()


@pytest.fixture
def console(consoles, provider):
    made = consoles(
        oidc_issuer=provider.issuer, oidc_client_id="marrow", oidc_client_secret="client secret",
        desk_second_step="required", public_url="http://127.0.0.1:1",
    )  # fmt: skip
    made.account = made.staff()
    return made


def go(console, browser=None, to="", state=None):
    """Walks through the provider as a browser does; gives the door's last answer."""
    browser = browser or console.browser()
    begun = browser.http.get(f"/desk/login/single?to={to}")
    if begun.status_code != 303:
        return browser, begun
    at_provider = httpx.get(begun.headers["location"], trust_env=False)
    back = urlsplit(at_provider.headers["location"])
    assert (back.scheme, back.netloc) == ("http", "127.0.0.1:1")
    query = (
        back.query
        if state is None
        else urlencode({**{k: v[0] for k, v in parse_qs(back.query).items()}, "state": state})
    )
    return browser, browser.http.get(f"{back.path}?{query}")


def test_when_the_provider_knows_somebody_then_they_are_in_without_a_password(console):
    browser, got = go(console, to="/desk/inbox/all")

    assert (got.status_code, got.headers["location"]) == (303, "/desk/inbox/all")
    assert browser.get("/inbox/all").status_code == 200
    assert [row.action for row in audit.newest(console.store)][:2] == ["login", "bind_single"]
    assert "the hospital's account" in console.browser().get("/login").text


def test_when_the_address_changes_later_then_the_providers_name_counts(console, provider):
    go(console)
    provider.claims = {"email": "someone.else@hospital.example"}

    assert go(console)[1].status_code == 303

    # and another person of the provider with the old address gets nothing
    provider.claims = {"sub": "eve-2"}
    assert go(console)[1].status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"email": "nobody@hospital.example"}, id="no account"),
        pytest.param({"email_verified": False}, id="address not verified"),
        pytest.param({"email_verified": "true"}, id="verified only in words"),
        pytest.param({"email": None}, id="no address"),
        pytest.param({"aud": "another"}, id="meant for another"),
        pytest.param({"aud": ["marrow", "another"], "azp": "another"}, id="another party"),
        pytest.param({"iss": "https://evil.example"}, id="another provider"),
        pytest.param({"nonce": "old"}, id="an old answer"),
        pytest.param({"nonce": None}, id="no nonce"),
        pytest.param({"exp": 1}, id="over"),
        pytest.param({"sub": None}, id="nobody"),
    ],
)
def test_when_the_token_says_something_else_then_nobody_is_let_in(console, provider, claims):
    provider.claims = claims

    browser, got = go(console)

    assert got.status_code == 401
    assert "single sign-on did not work" in got.text
    assert browser.get("/inbox/all").status_code == 303


def test_when_the_token_is_signed_by_another_key_then_nobody_is_let_in(console, provider):
    provider.key = OTHER
    assert go(console)[1].status_code == 401


@pytest.mark.parametrize("algorithm", ["HS256", "none"])
def test_when_the_token_is_signed_by_nothing_secret_then_nobody_is_let_in(console, provider, algorithm):
    provider.algorithm = algorithm

    assert go(console)[1].status_code == 401


def test_when_the_state_is_not_the_browsers_own_then_nobody_is_let_in(console):
    assert go(console, state="guessed")[1].status_code == 401
    # an answer brought to another browser (a forged login)
    first = console.browser()
    begun = first.http.get("/desk/login/single")
    query = parse_qs(urlsplit(begun.headers["location"]).query)
    stranger = console.browser()
    got = stranger.http.get(f"/desk/login/single/back?code=x&state={query['state'][0]}")
    assert got.status_code == 401


def test_when_the_account_is_closed_then_the_provider_does_not_open_it(console):
    console.staff("admin", "Cleo")
    now_ms = console.served.clock.now_ms()
    staff.change(
        console.store, console.account.id, "staff_disable", now_ms=now_ms, actor="operator", disabled_at_ms=now_ms
    )

    assert go(console)[1].status_code == 401


def test_when_the_provider_is_away_or_names_itself_differently_then_it_is_said(console, provider):
    provider.name = "https://evil.example"
    assert "names itself differently" in go(console)[1].text
    provider.stop()
    provider._server.server_close()
    assert "cannot be reached" in go(console)[1].text


def test_when_none_is_set_then_there_is_no_way_in(consoles):
    console = consoles()
    assert console.browser().http.get("/desk/login/single").status_code == 401
    assert "hospital's account" not in console.browser().get("/login").text
