"""The reference model: what the engine must do, written as plainly as can be. It borrows nothing from it."""
