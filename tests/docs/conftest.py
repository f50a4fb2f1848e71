# SPDX-License-Identifier: GPL-2.0-or-later
"""The same tshark as the tests of the dissection have."""

import importlib.util
from pathlib import Path

_path = Path(__file__).resolve().parents[1] / "dissect/conftest.py"
_spec = importlib.util.spec_from_file_location("dissect_conftest", _path)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)

tshark = _module.tshark
