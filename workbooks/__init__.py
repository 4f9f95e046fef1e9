"""Forms in and out: a form is a list of columns; it reads, explains errors, writes. Knows no other app."""
