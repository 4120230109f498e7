"""Histories: what concurrent clients asked and were told, compared with the log that says what happened."""
