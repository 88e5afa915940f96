"""The few values that a long table has in a column, found without reading the table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, func, select


def stepped(of: Any) -> CTE:
    """Every value of a column that leads an index, in order, by stepping from one to the next; NULL stands at the end.

    Args:
        of: The column; the values are in `name` of what is given back.
    """
    least = select(func.min(of).label("name")).cte("known", recursive=True)
    following = select(func.min(of)).where(of > least.c.name).scalar_subquery()
    return least.union_all(select(following).where(least.c.name.is_not(None)))
