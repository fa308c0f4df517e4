"""Whom an announcement is for: chosen on the form, found when it goes, each family at one address."""
