"""A wish that nobody meets goes out by real mail and a real signed request, and never into the hospital's own network."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bot.boot.throwaway import free_ports
from bot.desk import alerts, notify
from bot.desk.notify import Alert, Email, NotSent, Webhook, channels, is_public
from bot.errors import SettingsError
from bot.journal import review
from bot.settings import Settings

MINUTE_MS = 60_000
ALERT = Alert("ABC123", "person_now", "2026-01-01T00:00:00.000Z", 5, 1, "https://x.example/desk/inbox/waiting/c")


class Mailbox:
    """A mail server that keeps what it gets; `broken` makes it refuse."""

    def __init__(self, security="none", certificate=None):
        self.mails, self.broken = [], False
        (self.port,) = free_ports(1)
        context = None
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
        how = {"tls": {"ssl_context": context}, "starttls": {"tls_context": context, "require_starttls": True}}
        self._controller = Controller(self, hostname="localhost", port=self.port, **how.get(security, {}))
        self._controller.start()

    async def handle_DATA(self, server, session, envelope):
        if self.broken:
            return "451 not now"
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"

    def stop(self):
        self._controller.stop()


class Hook:
    """A web server that keeps what is posted; `status` is what it answers."""

    def __init__(self):
        self.got, self.status, self.location = [], 200, None
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((self.path, dict(self.headers), body))
                self.send_response(hook.status)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()


TICK_S = 0.1


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(alerts, "TICK_S", TICK_S)


@pytest.fixture
def mailbox():
    made = Mailbox()
    yield made
    made.stop()


@pytest.fixture
def hook():
    made = Hook()
    yield made
    made.stop()


def both(mailbox, hook, **more):
    return {
        "alert_emails": "team@hospital.example, lead@hospital.example", "alert_email_from": "marrow@hospital.example",
        "smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_security": "none",
        "alert_webhook_url": f"http://localhost:{hook.port}/hook?x=1", "alert_webhook_secret": "hook secret",
        "alert_webhook_private": "allowed", "public_url": "https://chat.hospital.example", **more,
    }  # fmt: skip


def wait(fits, within_s=15):
    ends = time.monotonic() + within_s
    while not fits():
        assert time.monotonic() < ends, "it never came"
        time.sleep(0.05)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for `localhost` that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path / "localhost.pem"
    file.write_bytes(key.private_bytes(*plain) + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_when_the_mail_server_speaks_tls_then_only_one_whose_certificate_is_trusted_gets_the_mail(
    certificate, monkeypatch, security
):
    mailbox = Mailbox(security, certificate)
    settings = replace(
        Settings(), alert_emails="team@hospital.example", alert_email_from="marrow@hospital.example",
        smtp_host="localhost", smtp_port=mailbox.port, smtp_security=security,
    )  # fmt: skip
    try:
        with pytest.raises(NotSent, match="certificate"):
            asyncio.run(Email(settings).send(ALERT))
        assert mailbox.mails == []
        usual = ssl.create_default_context
        # as an operating system that trusts the hospital's own authority
        monkeypatch.setattr(ssl, "create_default_context", lambda purpose: usual(purpose, cafile=certificate))
        asyncio.run(Email(settings).send(ALERT))
        assert [to for _, to, _ in mailbox.mails] == [["team@hospital.example"]]
    finally:
        mailbox.stop()


def wants_a_person(console, brain_turn):
    console.served.brain.answer = lambda body: brain_turn(
        "I am asking.", label="contact_human", handoff={"kind": "person_now"}
    )
    patient = console.begin()
    patient.answer_to(patient.say("my secret words: a person please").json()["seq"])
    return patient


def notes(patient):
    return [event["text"] for event in patient.events() if event["from"] == "system"]


def test_when_nobody_comes_then_mail_and_webhook_go_out_twice_and_the_patient_is_told_once(
    consoles, brain_turn, mailbox, hook
):
    console = consoles(**both(mailbox, hook, office_hours="Mon-Sun 00:00-24:00"))
    patient = wants_a_person(console, brain_turn)
    time.sleep(5 * TICK_S)
    assert mailbox.mails == hook.got == []

    console.served.clock.ahead_ms += 6 * MINUTE_MS
    wait(lambda: mailbox.mails and hook.got and notes(patient))

    sender, to, mail = mailbox.mails[0]
    assert (sender, to) == ("marrow@hospital.example", ["team@hospital.example", "lead@hospital.example"])
    assert f"https://chat.hospital.example/desk/inbox/waiting/{patient.conversation}" in mail.replace("=\r\n", "")
    path, headers, body = hook.got[0]
    told = json.loads(body)
    assert (path, told["event"], told["number"], told["kind"]) == ("/hook?x=1", "handoff.waiting", 1, "person_now")
    assert headers["Host"] == f"localhost:{hook.port}"
    seconds, given = headers["Marrow-Signature"].removeprefix("t=").split(",v1=")
    assert given == hmac.new(b"hook secret", seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert abs(int(seconds) - time.time()) < 60
    assert "secret words" not in mail + body.decode()
    (said,) = notes(patient)
    assert all(part in said for part in ("nobody from the team could join yet", "told the team again", "+1 555 0100"))

    console.served.clock.ahead_ms += 16 * MINUTE_MS
    wait(lambda: len(mailbox.mails) == 2 and len(hook.got) == 2)
    console.served.clock.ahead_ms += 600 * MINUTE_MS
    time.sleep(5 * TICK_S)
    assert (len(mailbox.mails), len(hook.got), len(notes(patient))) == (2, 2, 1)


def test_when_no_way_is_set_then_the_patient_is_told_all_the_same_and_nothing_is_claimed(consoles, brain_turn):
    console = consoles(office_hours="Mon 03:00-03:01")
    patient = wants_a_person(console, brain_turn)

    console.served.clock.ahead_ms += 6 * MINUTE_MS
    wait(lambda: notes(patient))

    (said,) = notes(patient)
    assert "the office is closed now" in said
    assert "told the team" not in said
    assert "Monday at 03:00" in said


def test_when_one_way_fails_then_the_other_one_counts_and_when_both_fail_it_is_tried_again(
    consoles, brain_turn, mailbox, hook
):
    console = consoles(**both(mailbox, hook))
    mailbox.broken, hook.status = True, 500
    patient = wants_a_person(console, brain_turn)
    console.served.clock.ahead_ms += 6 * MINUTE_MS
    wait(lambda: hook.got and notes(patient))
    assert "told the team" not in notes(patient)[0]

    mailbox.broken = False
    console.served.clock.ahead_ms += 3 * MINUTE_MS
    wait(lambda: mailbox.mails)

    assert "alert 1 of 2" in mailbox.mails[0][2]


def test_when_a_person_goes_silent_then_the_patient_gets_the_bot_back_and_waits_for_another(console, brain_turn):
    patient = wants_a_person(console, brain_turn)
    browser = console.at_work()
    browser.post(f"/c/{patient.conversation}/take")
    patient.say("are you there?")

    console.served.clock.ahead_ms += 11 * MINUTE_MS
    wait(lambda: len(notes(patient)) >= 2)

    said = notes(patient)[-1]
    assert "Anna had to leave" in said
    (listed,) = review.queue(console.store, "waiting")
    assert (listed.conversation, listed.taken_by) == (patient.conversation, None)
    patient.answer_to(patient.say("and now?").json()["seq"])


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_when_an_address_is_not_public_then_it_is_known(number):
    assert not is_public(number)


@pytest.mark.parametrize("number", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::808:808"])
def test_when_an_address_is_public_then_it_may_be_posted_to(number):
    assert is_public(number)


def send(settings, alert=ALERT):
    asyncio.run(Webhook(settings).send(alert))


def of_hook(hook, **more):
    given = {
        "alert_webhook_url": f"http://127.0.0.1:{hook.port}/", "alert_webhook_secret": "s",
        "alert_webhook_private": "allowed", **more,
    }  # fmt: skip
    return replace(Settings(), **given)


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("127.0.0.1", "no public address"), ("localhost", "no public address"), ("2130706433", "no public address"),
        ("0x7f.1", "no public address"), ("[::1]", "no public address"), ("[::ffff:127.0.0.1]", "no public address"),
        ("127.1", "no public address"), ("localtest.invalid", "has no address"),
    ],
)  # fmt: skip
def test_when_the_webhook_points_inside_then_nothing_is_sent(hook, host, why):
    settings = of_hook(hook, alert_webhook_url=f"https://{host}:{hook.port}/", alert_webhook_private="refused")

    with pytest.raises(NotSent, match=why):
        send(settings)

    assert hook.got == []


def test_when_a_name_has_one_public_and_one_private_address_then_nothing_is_sent(hook, monkeypatch):
    async def two(*_args, **_how):
        return [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("127.0.0.1", hook.port))]

    settings = of_hook(hook, alert_webhook_url="https://two.example/", alert_webhook_private="refused")

    async def attempt():
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two)
        await Webhook(settings).send(ALERT)

    with pytest.raises(NotSent, match=r"127\.0\.0\.1"):
        asyncio.run(attempt())


def test_when_the_host_is_looked_up_then_once_and_that_number_is_asked(hook, monkeypatch):
    asked = []

    async def moving(name, *_args, **_how):
        asked.append(name)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "127.0.0.9", hook.port))]

    async def attempt():
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", moving)
        await Webhook(of_hook(hook, alert_webhook_url=f"http://moves.example:{hook.port}/")).send(ALERT)

    asyncio.run(attempt())

    assert asked.count("moves.example") == 1
    ((_, headers, _),) = hook.got
    assert headers["Host"] == f"moves.example:{hook.port}"


def test_when_the_webhook_sends_elsewhere_then_it_is_not_followed(hook):
    hook.status, hook.location = 302, f"http://127.0.0.1:{hook.port}/inside"

    with pytest.raises(NotSent, match="302"):
        send(of_hook(hook))

    assert [path for path, _, _ in hook.got] == ["/"]


@pytest.mark.parametrize("status", [400, 404, 500])
def test_when_the_webhook_refuses_then_it_counts_as_not_sent(hook, status):
    hook.status = status
    with pytest.raises(NotSent, match=str(status)):
        send(of_hook(hook))


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"alert_emails": "a@x.example"}, "SMTP_HOST"),
        ({"alert_webhook_url": "https://x.example/"}, "WEBHOOK_SECRET"),
        ({"alert_webhook_url": "http://x.example/", "alert_webhook_secret": "s"}, "must be https"),
        ({"alert_webhook_url": "file:///etc/passwd", "alert_webhook_secret": "s"}, "needs an https"),
        ({"alert_webhook_url": "https://me:pw@x.example/", "alert_webhook_secret": "s"}, "without a user name"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_when_alerts_are_set_by_halves_then_the_start_says_so(given, names):
    with pytest.raises(SettingsError, match=names):
        channels(replace(Settings(), **given))


def test_when_the_secret_or_body_differs_then_the_signature_does():
    assert len({notify.signature(key, at, body) for key in (b"a", b"b") for at in (1, 2) for body in (b"x", b"y")}) == 8
