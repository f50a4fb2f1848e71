# SPDX-License-Identifier: GPL-2.0-or-later
"""Edit > Time Shift moves what the columns show; how long an answer took stays as it was captured."""
"""Edit > Time Shift moves what the columns show; how long an answer took stays as it was captured, until all is dissected anew."""
import pytest

from scenario import parse
from window import asked_of_window

DIALOGUE = parse("""
    host collector COLLECTOR 10.0.0.2 coordinatord:10100
    host worker1 WORKER 10.0.0.11 workerd:10500
    host worker2 WORKER 10.0.0.12 workerd:10500
    1  0.000  collector probe a
    2  0.005  worker1 ack collector a
    3  0.012  worker2 ack collector a
    4  0.030  collector ok worker1 a
    5  0.040  collector fail worker2 a left=1
    6  5.000  collector probe b
    7  5.004  worker2 ack collector b
""")


@pytest.mark.parametrize("milliseconds", [0, 1, 1500, -700])
def test_each_frame_is_shifted_by_more_than_the_one_before(tshark, milliseconds):
    told = asked_of_window(tshark, DIALOGUE, "shift", str(milliseconds))
    times = {int(frame): float(text.partition(" == ")[2]) for frame, text in (row for row in told if len(row) == 2)}
    assert times == pytest.approx({2: 0.005, 3: 0.012, 4: 0.025, 5: 0.028, 7: 0.004})
    statistic = {name: (int(calls), float(total)) for _, name, calls, total in (row for row in told if len(row) == 4)}
    assert statistic == {"ProbeAck": (3, pytest.approx(0.021)), "RegisterAck": (2, pytest.approx(0.053))}
