"""Texts that are written once and used often, with fields to fill; also from a spreadsheet, row by row."""
