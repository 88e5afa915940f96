"""The studio's pages, in the desk's layout and behind the desk's guard."""
