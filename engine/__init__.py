"""Decides: what an order may become, and the client that asks. Everything a user imports is here."""
