#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures how many arrays or objects inside each other json.loads reads.

    python3 tests/receiver_depth.py

prints, for the running Python, the deepest nesting that a function which is
called once takes; one more raises RecursionError. CRM_JSON_MAX_DEPTH in
plugin/message/json.h is the least of the releases that can run a CRM daemon:

    3.6 to 3.11   994    the interpreter's limit of 1000 counts all calls: the
                         module, receive(), loads(), decode() and raw_decode()
                         stand around the containers
    3.12         1497    calls in C have a limit of their own
    3.13         9998

It is the most that such a receiver reads: up to 3.11, each further function
between the module and json.loads takes one from the number.
"""

import json
import platform

SHAPES = {"arrays": ("[", "]"), "objects": ('{"":', "}"), "both in turn": ('[{"":', "}]")}


def document(opening, closing, depth):
    """Containers of one shape, `depth` of them inside each other."""
    whole, rest = divmod(depth, len(closing))
    return (opening * whole + "[" * rest + "0" + "]" * rest + closing * whole).encode()


def receive(data):
    return json.loads(data.decode())


for name, (opening, closing) in SHAPES.items():
    taken, refused = 0, 1 << 20
    while refused - taken > 1:
        depth = (taken + refused) // 2
        try:
            receive(document(opening, closing, depth))
            taken = depth
        except RecursionError:
            refused = depth
    print(f"{taken} {name} inside each other, {platform.python_implementation()} {platform.python_version()}")
