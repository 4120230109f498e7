"""Tests of the folds that only reads need."""
