"""What an office puts on paper: letters and forms as Word files, the catalogue and the hand-over list."""
