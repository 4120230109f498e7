"""Storage under kill, cut power, full disks, damaged files and two owners at once."""
