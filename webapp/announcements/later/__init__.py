"""Drafts that go by themselves: at a moment, before what they are about, on every school day."""
