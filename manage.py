#!/usr/bin/env python3
"""Django's command line, on embedded services where the environment names no others."""

import sys

from portal.launch import run_command

if __name__ == "__main__":
    run_command(sys.argv)
