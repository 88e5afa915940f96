"""Marrow: a hospital's assistant on CAR-T cell therapy and blood, marrow and cord-blood transplants."""
