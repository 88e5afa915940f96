"""A small door for the widget's tests: it speaks the patient API from memory, with canned replies and faults on demand.

It is a real HTTP server on 127.0.0.1, so the widget's own fetching, streaming and retrying are what is tested. It holds
every page to a stricter policy than a hospital would (`default-src 'none'`, Trusted Types required). Started by hand
(`python -m tests.browser.fake_door 8090`) it serves the demo page and the widget for design work.

Longer than 300 lines because one small server is best read as a whole.
"""

from __future__ import annotations

import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bot.door.pages import languages, small
from tests.browser.canned import DANGER, reply_to

STATIC = Path(__file__).resolve().parents[2] / "bot" / "door" / "static"
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
POLICY = (
    "default-src 'none'; script-src {door}; connect-src {door}; style-src {door}; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
API = "/api/v1/"
Json = dict[str, Any]


@dataclass
class Conversation:
    """One conversation: its token, and its events in order."""

    token: str
    events: list[Json] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    typing: bool = False


class FakeDoor(ThreadingHTTPServer):
    """The server, its conversations, what it was asked, and the faults it is told to have.

    Attributes:
        posts: `(path, body)` of every POST that was read, in order.
        failures: Problems for the next POSTs of messages: `(status, problem, retry_after_s)`, first in first out.
        down: True: every API call is cut off without an answer.
        deaf: True: streams are accepted and deliver nothing, as behind a proxy that buffers.
        reply_after_s: How long an answer takes.
        takes: Cleared: messages that were read and are not refused wait before they are taken.
        answers: Cleared: messages that were taken wait for their answers.
        config: What `/api/v1/config` says.
        open_streams: How many streams are held at this moment.
        redact: Words of a message that are hidden: `{"0171 555": ("phone", "phone number")}`.
        rated: The thumbs that were given, by seq.
        pages: Further pages to serve, by path, without a policy.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.conversations: dict[str, Conversation] = {}
        self.posts: list[tuple[str, Json]] = []
        self.failures: list[tuple[int, Json, int]] = []
        self.config: Json = {
            "hospital_name": "Marrow demo hospital",
            "contact_phone": "+13264500477",
            "contact_email": "help@hospital.example",
            "office_hours": "Mon-Fri 08:30-17:00",
            "urgent_phone": "+86 10 5555 0124",
            "emergency_number": "120",
            "message_max_characters": 2000,
            "open_now": False,
            "opens_at": "2026-11-23T00:30:00Z",
            "expected_wait_min": None,
            "languages": languages(),
        }
        self.redact: dict[str, tuple[str, str]] = {}
        self.rated: dict[int, Json] = {}
        self.pages: dict[str, str] = {}
        self.streams = 0
        self.open_streams = 0
        self.lists = 0
        self.epoch = 0
        self.down = False
        self.deaf = False
        self.reply_after_s = 0.05
        self.takes, self.answers = threading.Event(), threading.Event()
        self.takes.set(), self.answers.set()
        self.changed = threading.Condition()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stays silent: browsers hang up on streams all the time."""

    def append(self, conversation: Conversation, **event: Any) -> int:
        """Appends an event, wakes the streams and gives its seq."""
        with self.changed:
            seq = len(conversation.events) + 1
            at = datetime.now(UTC).isoformat()
            conversation.events.append({"seq": seq, "at": at, "language": "en", **event})
            self.changed.notify_all()
        return seq

    def cut_streams(self) -> None:
        """Ends every open stream in the middle."""
        with self.changed:
            self.epoch += 1
            self.changed.notify_all()

    def only(self) -> Conversation:
        """The one conversation there is."""
        (conversation,) = self.conversations.values()
        return conversation

    def answer(self, conversation: Conversation, seq: int, text: str) -> None:
        """Answers a message as the brain would, a little later."""
        replies = reply_to(text)
        with self.changed:
            conversation.typing = True
            self.changed.notify_all()
        time.sleep(float(replies[0].get("after_s", self.reply_after_s)))
        self.answers.wait()
        conversation.typing = False
        for reply in replies:
            body = {key: value for key, value in reply.items() if key != "after_s"}
            self.append(conversation, **{"from": "bot", "reply_to": seq, **body})


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: FakeDoor

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""

    def give(
        self, status: int, body: bytes | Json | list[Json], kind: str = "application/json", **headers: str
    ) -> None:
        """Sends one whole answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.common(kind, headers)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def common(self, kind: str, headers: Json) -> None:
        """Sends the headers that every answer has."""
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if origin := self.headers.get("Origin"):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Expose-Headers", "Retry-After")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)

    def refuse(self, status: int, title: str, retry_after_s: int = 0, **more: Any) -> None:
        """Sends a problem document (RFC 9457)."""
        headers = {"Retry_After": str(retry_after_s)} if retry_after_s else {}
        self.give(
            status,
            {"type": "about:blank", "title": title, "status": status, **more},
            "application/problem+json",
            **headers,
        )

    def do_OPTIONS(self) -> None:
        """Answers a CORS preflight."""
        self.give(
            204,
            b"",
            Access_Control_Allow_Methods="GET, POST, DELETE",
            Access_Control_Allow_Headers="Authorization, Content-Type",
        )

    def hang_up(self) -> None:
        """Cuts the connection without an answer."""
        self.connection.close()

    def conversation(self, typed: str = "") -> Conversation | None:
        """The conversation of the address, when the token fits; what was typed to none is still looked at for danger."""
        parts = urlsplit(self.path).path.removeprefix(API).split("/")
        found = self.server.conversations.get(parts[1]) if len(parts) > 1 else None
        if found and self.headers.get("Authorization") == f"Bearer {found.token}":
            return found
        self.refuse(404, "No such conversation", **self.danger(typed))
        return None

    def do_GET(self) -> None:
        """Serves files, pages, the config and the events."""
        where = urlsplit(self.path)
        if not where.path.startswith(API):
            return self.file(where.path, dict(parse_qsl(where.query)))
        if self.server.down:
            return self.hang_up()
        if where.path == f"{API}config":
            return self.give(200, self.server.config)
        conversation = self.conversation()
        if conversation is None:
            return None
        if where.path.endswith("/transcript"):
            lines = [f"{event['from']}: {event['text']}" for event in conversation.events]
            return self.give(200, "\n".join(lines).encode(), "text/plain")
        after = int(dict(parse_qsl(where.query)).get("after", 0))
        if "text/event-stream" in self.headers.get("Accept", ""):
            return self.stream(conversation, after)
        self.server.lists += 1
        return self.give(200, conversation.events[after:])

    def file(self, path: str, query: dict[str, str]) -> None:
        """Serves a static file, or `/host`: a bare page whose query becomes the script's data attributes."""
        if path in self.server.pages:
            return self.give(200, self.server.pages[path].encode(), "text/html")
        policy = POLICY.format(door=query.pop("door", self.server.url))
        if path == "/host":
            language = escape(query.pop("lang", "en"))
            door = policy.split("script-src ")[1].split(";")[0]
            data = " ".join(f'{name}="{escape(value)}"' for name, value in query.items())
            page = (
                f'<!doctype html><html lang="{language}"><title>A page</title>'
                '<meta name="viewport" content="width=device-width"><main><h1>A page of a hospital</h1>'
                '<button data-marrow-open="How long is CAR-T?">Ask</button><p>Text.</p></main>'
                f'<script src="{door}/widget.js" {data}></script></html>'
            )
            return self.give(200, page.encode(), "text/html", Content_Security_Policy=policy)
        page = {"/": "demo", "/demo": "demo", "/demo/": "demo", "/embed": "embed", "/embed/": "embed"}.get(path)
        file = STATIC / (f"{page}/index.html" if page else path.lstrip("/"))
        if STATIC not in file.resolve().parents or not file.is_file():
            return self.refuse(404, "No such file")
        data = small(file).plain if file.suffix == ".js" else file.read_bytes()
        return self.give(200, data, TYPES[file.suffix], Content_Security_Policy=f"{policy}; img-src 'self'")

    def stream(self, conversation: Conversation, after: int) -> None:
        """Sends events as they come, until the browser goes or the stream is cut."""
        with self.server.changed:  # a stream that is counted is one that can be cut
            epoch = self.server.epoch
            self.server.streams += 1
            self.server.open_streams += 1
        try:
            self.write_stream(conversation, after, epoch)
        finally:
            with self.server.changed:
                self.server.open_streams -= 1

    def write_stream(self, conversation: Conversation, after: int, epoch: int) -> None:
        """Writes one stream."""
        typing = False
        self.send_response(200)
        self.common("text/event-stream", {})
        self.end_headers()
        while epoch == self.server.epoch and not self.server.down:
            with self.server.changed:
                self.server.changed.wait(0.2)
            if self.server.deaf:
                continue
            lines = []
            if conversation.typing != typing:
                typing = conversation.typing
                lines.append(f"event: typing\ndata: {json.dumps({'from': 'bot', 'on': typing})}\n\n")
            for event in conversation.events[after:]:
                after = event["seq"]
                lines.append(f"id: {after}\nevent: message\ndata: {json.dumps(event)}\n\n")
            self.wfile.write("".join(lines or [": here\n\n"]).encode())
            self.wfile.flush()

    def do_POST(self) -> None:
        """Begins a conversation, takes a message or a call-back request."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.down:
            return self.hang_up()
        self.server.posts.append((self.path, body))
        if self.path == f"{API}conversations":
            if body.get("consent") is not True:
                return self.refuse(403, "Consent is needed", **self.danger(body.get("text", "")))
            name = secrets.token_urlsafe(16)
            made = self.server.conversations[name] = Conversation(secrets.token_urlsafe(16))
            self.server.append(made, **{"from": "bot", **reply_to("/greet")[0]})
            return self.give(201, {"conversation": name, "token": made.token, "expires_at": "2099-01-01T00:00:00Z"})
        conversation = self.conversation(body.get("text", ""))
        if conversation is None:
            return None
        if self.path.endswith(("/contact", "/feedback")) and self.server.failures:
            status, problem, retry_after_s = self.server.failures.pop(0)
            return self.refuse(status, problem.pop("title", "Refused"), retry_after_s, **problem)
        if self.path.endswith("/feedback"):
            self.server.rated[body["seq"]] = body
            return self.give(201, {"seq": body["seq"], "value": body["value"]})
        if self.path.endswith("/contact"):
            self.server.append(
                conversation, **{"from": "system", "text": "Your details were noted. A person will contact you."}
            )
            return self.give(201, {"seq": len(conversation.events)})
        if self.server.failures:
            status, problem, retry_after_s = self.server.failures.pop(0)
            return self.refuse(status, problem.pop("title", "Refused"), retry_after_s, **problem)
        self.server.takes.wait()
        seq = conversation.seqs.get(body["client_id"])
        if seq is None:
            text = body.get("text") or body["choice"].removeprefix("signed:")
            if len(text) > self.server.config["message_max_characters"]:
                return self.refuse(
                    422, "Too long", type="urn:marrow:problem:message-too-long", **self.danger(text[:2000])
                )
            kept, hidden = self.redacted(text)
            more = {"hidden": hidden} if hidden else {}
            seq = self.server.append(
                conversation, **{"from": "patient", "text": kept, "client_id": body["client_id"], **more}
            )
            conversation.seqs[body["client_id"]] = seq
            threading.Thread(target=self.server.answer, args=(conversation, seq, text), daemon=True).start()
            return self.give(202, {"seq": seq, **more})
        return self.give(200, {"seq": seq})

    def redacted(self, text: str) -> tuple[str, list[str]]:
        """The words as they are kept, and the kinds of what was hidden."""
        hidden = []
        for word, (kind, place) in self.server.redact.items():
            if word in text:
                text = text.replace(word, f"[{place}]")
                hidden.append(kind)
        return text, hidden

    def danger(self, text: str) -> Json:
        """What a refusal carries when the refused words tell of danger."""
        return {"safety": {"verdict": "emergency", "text": DANGER["text"]}} if "fever" in text else {}

    def do_DELETE(self) -> None:
        """Erases a conversation."""
        if self.server.down:
            return self.hang_up()
        if self.conversation() is None:
            return None
        self.server.conversations.pop(urlsplit(self.path).path.removeprefix(API).split("/")[1])
        return self.give(204, b"")


if __name__ == "__main__":
    door = FakeDoor(int(sys.argv[1]) if len(sys.argv) > 1 else 8090)
    door.reply_after_s = 0.8
    print(f"fake door: {door.url}/demo", flush=True)
    threading.Event().wait()
