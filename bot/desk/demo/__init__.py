"""Invented conversations for a desk that nobody has used yet."""
