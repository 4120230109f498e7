"""Profit and positions against answers that nobody here computed."""
