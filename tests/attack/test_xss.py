"""No text, wherever it comes from and wherever it is shown, is run: widget, transcript, download, refusals, settings.

The payloads stand in `xss.txt`, one a line, and call `xss()`. The pages of these tests have no security policy (but for the
real demo page): what keeps a text a text must be the widget itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from evaluation.stack import Patient, door_alone
from tests.browser.conftest import chromium, context, door  # noqa: F401 - fixtures
from tests.browser.fake_door import FakeDoor

pytestmark = pytest.mark.slow  # a real browser

PAYLOADS = (Path(__file__).parent / "xss.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
SPY = """window.ran = [];
for (const name of ["xss", "alert", "confirm", "prompt", "print"]) window[name] = (...given) => window.ran.push([name, ...given]);
addEventListener("securitypolicyviolation", (event) => window.ran.push(["blocked", event.violatedDirective, event.blockedURI]));"""
HOST = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,"><body>
<script>{spy}</script><script>
const script = document.createElement("script"); script.src = "/widget.js"; Object.assign(script.dataset, {data});
document.body.append(script);</script></body></html>"""
# Everything in the page and its shadow roots that a text must not have become, after each part was pointed at and focused.
INSPECT = """() => {
  const wrong = [], roots = [document];
  for (const root of roots) for (const each of root.querySelectorAll("*")) {
    if (each.shadowRoot) roots.push(each.shadowRoot);
    if (root === document && !each.shadowRoot) continue;
    if (/^(script|iframe|frame|object|embed|img|image|video|audio|style|link|meta|base|math|marquee|template|x)$/i.test(each.localName)
        || (each.namespaceURI.endsWith("svg") && !["svg", "path", "circle", "rect", "line", "polyline", "g"].includes(each.localName)))
      wrong.push(each.outerHTML.slice(0, 200));
    for (const { name, value } of each.attributes) {
      if (/^on/i.test(name) || /^(srcdoc|formaction|ping|action|background)$/i.test(name)) wrong.push(`${name}=${value}`);
      if (/href|src/i.test(name) && !/^(https?:\\/\\/|mailto:|tel:)/.test(value)) wrong.push(`${name}=${value}`);
    }
    for (const kind of ["pointerenter", "mouseover", "animationstart", "toggle", "error", "load"]) each.dispatchEvent(new Event(kind));
    each.focus?.({ preventScroll: true });
  }
  return [...wrong, ...window.ran.map(String)];
}"""


def test_when_payloads_are_counted_then_there_are_enough_and_each_is_another() -> None:
    assert len(PAYLOADS) >= 300
    assert len(set(PAYLOADS)) == len(PAYLOADS)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:  # noqa: F811
    """A page that notes whatever runs, opens or is asked for elsewhere."""
    made = context.new_page()
    made.add_init_script(SPY)
    opened: list[str] = []
    made.on("popup", lambda popup: opened.append(popup.url))
    made.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    asked: list[str] = []
    made.on("request", lambda request: asked.append(request.url))
    yield made
    assert opened == []
    assert [url for url in asked if not url.startswith(("http://127.0.0.1:", "data:,", "file:///"))] == []


def host(page: Page, fake: FakeDoor, **data: str) -> None:
    """Opens a page without any security policy that carries the widget."""
    html = HOST.format(spy=SPY, data=json.dumps(data).replace("<", "\\u003c"))
    page.route("**/bare", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto(f"{fake.url}/bare")
    page.locator("marrow-chat .launcher").wait_for(state="attached")


def begin(page: Page) -> None:
    page.locator("marrow-chat .launcher").click()
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator("marrow-chat").get_by_text("Hello, I am Marrow").first.wait_for()


def shown(page: Page) -> str:
    text: str = page.evaluate("() => document.querySelector('marrow-chat').shadowRoot.textContent")
    return text


def test_when_the_page_is_tried_then_it_does_notice_what_runs(page: Page, door: FakeDoor) -> None:  # noqa: F811
    """The control: put in as markup, the same payloads do run here."""
    host(page, door)
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", "".join(PAYLOADS[:40]))
    page.wait_for_function("window.ran.length > 0")


def test_when_events_hold_payloads_in_every_member_then_they_are_shown_as_text(
    page: Page,
    door: FakeDoor,  # noqa: F811
) -> None:
    host(page, door)
    begin(page)
    conversation = door.only()
    senders = ("patient", "bot", "staff", "system")
    for number, payload in enumerate(PAYLOADS):
        door.append(
            conversation,
            **{
                "from": senders[number % 4],
                "text": f"{number}: {payload}",
                "language": payload,
                "client_id": payload,
                "name": payload,
                "staff": {"name": payload},
                "safety": [payload, "check", "emergency", None][number % 4],
                "answer": dict.fromkeys(("label", "source", "owner", "state", "reviewed_on", "review_by"), payload),
                "buttons": [{"label": payload, "choice": payload}],
                "handoff": {
                    "kind": payload,
                    "phone": payload,
                    "email": payload,
                    "hours": payload,
                    "form": number % 9 == 0,
                },
                "hidden": [payload],
            },
        )
    page.wait_for_function(
        "last => document.querySelector('marrow-chat').shadowRoot.textContent.includes(last)",
        arg=f"{len(PAYLOADS) - 1}: ",
        timeout=60_000,
    )
    page.wait_for_timeout(500)
    assert page.evaluate(INSPECT) == []
    words = "".join(shown(page).split())
    missing = [
        payload for number, payload in enumerate(PAYLOADS) if "".join(f"{number}:{payload}".split()) not in words
    ]
    # a payload that looks like an item of a list loses its mark
    assert [payload for payload in missing if payload[0] not in "-*\u2022"] == []


def test_when_a_patient_writes_payloads_then_they_are_shown_as_text(page: Page, door: FakeDoor) -> None:  # noqa: F811
    host(page, door)
    begin(page)
    for payload in PAYLOADS[::30]:
        page.get_by_label("Your question").fill(payload)
        page.get_by_label("Your question").press("Enter")
    page.reload()  # unsent ones and the draft come from this browser's storage
    page.wait_for_timeout(1500)
    assert page.evaluate(INSPECT) == []


def test_when_settings_refusals_and_the_page_hold_payloads_then_they_are_shown_as_text(
    page: Page,
    door: FakeDoor,  # noqa: F811
) -> None:
    everything = "\n".join(PAYLOADS)
    config = dict.fromkeys(
        (
            "hospital_name",
            "contact_phone",
            "contact_email",
            "office_hours",
            "urgent_phone",
            "emergency_number",
            "opens_at",
        ),
        everything,
    )
    page.route(
        "**/api/v1/config",
        lambda route: route.fulfill(json={**config, "languages": PAYLOADS, "message_max_characters": 2000}),
    )
    host(page, door, greeting=everything, startQuestions=everything, accent=everything, position=everything, open="")
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_label("Your question").wait_for()
    for status in (422, 503):
        problem = {"title": everything, "detail": everything, "safety": {"verdict": "emergency", "text": everything}}
        door.failures.append((status, problem, 1))
        page.get_by_label("Your question").fill(f"hello {status}")
        page.get_by_label("Your question").press("Enter")
        page.wait_for_timeout(800)
    assert "xss()" in shown(page)
    assert page.evaluate(INSPECT) == []


def test_when_payloads_went_through_the_real_door_then_page_list_and_download_are_text(
    page: Page, tmp_path: Path
) -> None:
    with door_alone(messages_per_minute=10**6) as address:
        patient = Patient(address)
        patient.begin()
        for payload in PAYLOADS:
            patient.send(payload)
        name = patient.conversation.rsplit("/", 1)[1]
        token = patient.client.headers["Authorization"].removeprefix("Bearer ")
        page.goto(f"{address}/demo")
        page.evaluate(
            "([key, value]) => localStorage.setItem(key, value)",
            [f"marrow:{address}/", json.dumps({"id": name, "token": token, "open": True})],
        )
        page.reload()
        page.wait_for_function(
            "last => document.querySelector('marrow-chat')?.shadowRoot.textContent.includes(last)",
            arg=PAYLOADS[-1],
            timeout=60_000,
        )
        assert page.evaluate(INSPECT) == []

        for accept, kind in (("application/json", "application/json"), ("text/plain", "text/plain; charset=utf-8")):
            got = patient.client.get(f"{patient.conversation}/transcript", headers={"Accept": accept})
            _is_inert(got, kind)
        assert got.headers["content-disposition"].startswith("attachment")
        text = got.text
        assert all(payload in text for payload in PAYLOADS)
        _is_inert(
            patient.client.get(f"{patient.conversation}/events", headers={"Accept": "application/json"}),
            "application/json",
        )
        # opened as pages: what a browser takes the answers for, whatever it asks for
        page.set_extra_http_headers({"Authorization": f"Bearer {token}", "Accept": "application/json, text/html"})
        for path in ("transcript", "events"):
            page.goto(f"{patient.conversation}/{path}", wait_until="commit")  # a stream never ends
            page.wait_for_timeout(500)
            assert page.evaluate("() => window.ran ?? []") == []
            assert page.evaluate("document.scripts.length") == 0
    download = tmp_path / "conversation.txt"
    download.write_text(text, encoding="utf-8")
    page.goto(download.as_uri())
    assert page.evaluate("() => window.ran ?? []") == []
    assert page.evaluate("document.scripts.length") == 0


def _is_inert(response: httpx.Response, kind: str) -> None:
    headers: Any = response.headers
    assert response.status_code == 200
    assert headers["content-type"] == kind
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"


def test_when_payloads_stand_in_a_request_that_is_refused_then_the_refusal_is_no_page() -> None:
    with door_alone() as address, httpx.Client(trust_env=False) as client:
        for payload in PAYLOADS[::6]:
            sent = str(httpx.QueryParams({"after": payload}))
            events = f"{address}/api/v1/conversations/x/events"
            refused = [client.get(f"{address}/{sent}"), client.get(f"{events}?{sent}"), client.put(f"{events}?{sent}")]
            if payload.isprintable():
                refused.append(client.get(events, headers={"Accept": payload.encode()}))
            for response in refused:
                assert response.status_code >= 400
                assert response.headers["content-type"] == "application/problem+json"
                assert response.headers["x-content-type-options"] == "nosniff"
