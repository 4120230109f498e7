"""Tests with real Ray on loopback: processes die, hang, race and are flooded; every answer stays right."""
