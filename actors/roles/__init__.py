"""What each actor does, as plain classes that know no transport."""
