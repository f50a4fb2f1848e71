# SPDX-License-Identifier: GPL-2.0-or-later
"""Damaged datagrams: our reader against the receiver's, json.loads.

Payloads of the sample captures and of all versions of the DTOs are changed at
random, from documents that are as valid as before to ones that are hopeless. Of each, both readers must give
the same verdict, and of those that both take, the same values.

    CRM_SEED        repeats a run; without it each run has a new one, printed
    CRM_MUTATIONS   how many documents, 20000 if not set
    CRM_PCAPS       where the captures are, if not in pcaps/
"""

import json
import os
import random
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "lib"))
from json_reference import read_all, receive  # noqa: E402
from pcapng import datagrams  # noqa: E402

SEED = int(os.environ.get("CRM_SEED") or random.SystemRandom().randrange(1 << 32))
MUTATIONS = int(os.environ.get("CRM_MUTATIONS") or 20000)
PCAPS = Path(os.environ.get("CRM_PCAPS") or TESTS.parent / "pcaps")

LARGE = 4096  # bytes; payloads above it are one in a hundred, as they take the time of many

TOKENS = [b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b" ", b"\t", b"\r\n", b"{}", b"[]", b'""', b'"":',
          b"true", b"false", b"null", b"NaN", b"Infinity", b"-Infinity", b"-", b"+", b".", b"0", b"00", b"1", b"-0",
          b"1.5", b"e", b"E+3", b"1e2", b"9223372036854775808", b"\\\"", b"\\\\", b"\\/", b"\\b", b"\\u", b"\\u0000",
          b"\\ud83d", b"\\ude00", b"\\ud83d\\ude00", b"\\u00E9", b"\\x", b"\0", b"\x1f", b"\x7f", b"//", b"'"]
VALUES = [b"{}", b"[]", b'""', b"0", b"-0", b"true", b"false", b"null", b"NaN", b"Infinity", b"-Infinity", b"1.5",
          b"1e2", b"-2.50E-3", b"9" * 30, b'"\\ud83d"', b'"\\u0000"', b'{"a":1,"a":2}', b'{"a":1,"\\u0061":[]}']
CHARACTERS = [b"\xc2\x80", b"\xc3\xa9", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xe2\x82\xac", b"\xed\x9f\xbf", b"\xee\x80\x80",
              b"\xef\xbf\xbf", b"\xef\xbb\xbf", b"\xf0\x90\x80\x80", b"\xf0\x9f\x98\x80", b"\xf4\x8f\xbf\xbf"]
NO_CHARACTERS = [b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xe0\x9f\xbf", b"\xe2\x82", b"\xed\xa0\x80",
                 b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xfe\xff"]


def place(rng, data):
    return rng.randrange(len(data) + 1)


def span(rng, data, longest=40):
    start = place(rng, data)
    return start, min(len(data), start + rng.randint(1, longest))


def put(data, start, end, new):
    return data[:start] + new + data[end:]


def flip_bit(rng, data, _):
    at = rng.randrange(len(data))
    return put(data, at, at + 1, bytes([data[at] ^ 1 << rng.randrange(8)]))


def change_byte(rng, data, _):
    at = rng.randrange(len(data))
    return put(data, at, at + 1, bytes([rng.randrange(256)]))


def change_letter(rng, data, _):
    """Most bytes are inside strings: another letter leaves a document valid."""
    at = rng.randrange(len(data))
    return put(data, at, at + 1, bytes([rng.choice(b"abcdefXYZ_0123456789")]))


def delete(rng, data, _):
    return put(data, *span(rng, data, rng.choice((1, 1, 2, 8, 40))), b"")


def insert_token(rng, data, _):
    at = place(rng, data)
    return put(data, at, at, rng.choice(TOKENS))


def replace_by_token(rng, data, _):
    return put(data, *span(rng, data, 6), rng.choice(TOKENS))


def insert_space(rng, data, _):
    """Beside a structural character, where it changes nothing unless that
    stands in a string."""
    at = rng.choice([i for i, byte in enumerate(data) if byte in b"{}[],:"] or [0]) + rng.randrange(2)
    return put(data, at, at, bytes(rng.choice(b" \t\r\n") for _ in range(rng.randint(1, 4))))


def replace_value(rng, data, _):
    """What stands between a colon or comma and the next structural character."""
    starts = [i + 1 for i, byte in enumerate(data) if byte in b":,["] or [0]
    start = rng.choice(starts)
    end = next((i for i in range(start, len(data)) if data[i] in b",}]"), len(data))
    return put(data, start, end, rng.choice(VALUES))


def duplicate(rng, data, _):
    start, end = span(rng, data, rng.choice((4, 40, 200)))
    return put(data, end, end, data[start:end] * rng.choice((1, 1, 2, 20)))


def duplicate_member(rng, data, _):
    """From one comma to the next: often a whole member or entry."""
    commas = [i for i, byte in enumerate(data) if byte in b","]
    if len(commas) < 2:
        return data
    index = rng.randrange(len(commas) - 1)
    return put(data, commas[index], commas[index], data[commas[index]:commas[index + 1]])


def truncate(rng, data, _):
    return data[:place(rng, data)]


def cut_front(rng, data, _):
    return data[place(rng, data):]


def swap(rng, data, _):
    a, b, c, d = sorted(place(rng, data) for _ in range(4))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def insert_character(rng, data, _):
    at = place(rng, data)
    return put(data, at, at, rng.choice(CHARACTERS))


def damage_utf8(rng, data, _):
    at = place(rng, data)
    return put(data, at, at, rng.choice(NO_CHARACTERS))


def damage_character(rng, data, other):
    """A byte of a character that is there, if there is any beyond ASCII."""
    high = [i for i, byte in enumerate(data) if byte >= 0x80]
    if not high:
        return insert_character(rng, data, other)
    at = rng.choice(high)
    return put(data, at, at + 1, bytes([rng.randrange(0x70, 0x100)]))


def escape_character(rng, data, _):
    """A letter as its escape: the same text, in another form."""
    letters = [i for i, byte in enumerate(data) if chr(byte).isalnum() and byte < 0x80]
    if not letters:
        return data
    at = rng.choice(letters)
    digits = f"{data[at]:04x}" if rng.randrange(2) else f"{data[at]:04X}"
    return put(data, at, at + 1, b"\\u" + digits.encode())


def splice(rng, data, other):
    return data[:place(rng, data)] + other[place(rng, other):]


def insert_slice(rng, data, other):
    at = place(rng, data)
    start, end = span(rng, other, 100)
    return put(data, at, at, other[start:end])


def join(rng, data, other):
    """Both as one document."""
    opening, between, closing = rng.choice([(b"[", b",", b"]"), (b'{"a":', b',"b":', b"}"), (b"", b"", b""),
                                            (b"", b"\n", b""), (b"[", b" ", b"]")])
    return opening + data + between + other + closing


def reencode(rng, data, _):
    """Written again, as other backends of jsonpickle would."""
    try:
        value = json.loads(data.decode())
        return json.dumps(value, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, 1, "\t")),
                          separators=rng.choice(((",", ":"), (", ", ": "), (" ,\r\n", " : "))),
                          sort_keys=rng.random() < 0.3).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        return data


MUTATORS = [flip_bit, change_byte, change_letter, change_letter, delete, insert_token, replace_by_token, insert_space,
            replace_value, replace_value, duplicate, duplicate_member, truncate, cut_front, swap, insert_character,
            damage_utf8, damage_character, escape_character, splice, insert_slice, join, reencode]


def mutate(rng, small, large):
    """One to four changes of a payload."""
    pick = rng.choice(large) if large and rng.random() < 0.01 else rng.choice(small)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        # Deleting may leave nothing to change.
        pick = rng.choice(MUTATORS)(rng, pick or b" ", rng.choice(small))
    return pick


@pytest.fixture(scope="module")
def payloads():
    """Each payload of the captures and of the table of versions once."""
    found = {datagram.payload for path in PCAPS.glob("*.pcapng") for datagram in datagrams(path)}
    assert len(found) >= 20, f"too few payloads in {PCAPS}"
    table = (TESTS / "dissect/versions.tsv").read_text(encoding="utf-8").splitlines()
    return sorted(found | {row.split("\t")[-2].encode() for row in table})


def compare(documents):
    """The shares of the receiver's verdicts, or what differs from them."""
    accepted, differences = 0, []
    for data, (value, error) in zip(documents, read_all(documents)):
        expected = receive(data)
        accepted += expected is not None
        if value != expected:
            differences.append(f"{data!r}\n    receiver: {expected}\n    ours:     {value or error}")
    assert not differences, f"CRM_SEED={SEED}: {len(differences)} differ\n" + "\n".join(differences[:5])
    return accepted / len(documents)


def test_payloads_as_they_are(payloads):
    assert 0 < compare(payloads) < 1


def test_mutations(payloads, capsys):
    rng = random.Random(SEED)
    small = [data for data in payloads if 0 < len(data) <= LARGE]
    large = [data for data in payloads if len(data) > LARGE]
    documents = [mutate(rng, small, large) for _ in range(MUTATIONS)]

    accepted = compare(documents)
    with capsys.disabled():
        print(f"\nCRM_SEED={SEED}: {len(documents)} documents, {len(set(documents))} of them different, "
              f"{accepted:.0%} accepted")
    # Were nearly all refused, a reader that refuses everything would pass.
    assert 0.15 < accepted < 0.85
