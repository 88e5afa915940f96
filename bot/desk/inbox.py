"""The inbox: the queues, the conversation, and what is known of it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from bot.desk.guard import page
from bot.desk.render import page as write
from bot.desk.roles import READ


async def inbox(request: Request) -> Response:
    """The list of a queue."""
    return write(request, "inbox.html")


ROUTES = [page("/inbox", inbox, READ)]
