"""Folds that only reads need: price-level books, and which rows changed since the last publication."""
