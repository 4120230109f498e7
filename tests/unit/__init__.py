"""One file of the packages at a time: no disk, no Ray, milliseconds."""
