# SPDX-License-Identifier: GPL-2.0-or-later
"""So that the tests find what they test, which stands beside them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
