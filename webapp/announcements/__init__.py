"""Compose, audience, publish, progress."""
