# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: tells whether tshark really loads the plugin. A plugin that it cannot load leaves its exit status
# at 0 and the traffic shown as plain UDP, so this comes before anything that tshark is trusted with.

# Fails unless the given tshark command lists crm.so and says nothing on stderr.
require_plugin() {
    local out err
    err=$(mktemp)
    out=$("$@" -G plugins 2>"$err") || true
    if ! grep -q '^crm\.so[[:space:]]' <<<"$out"; then
        cat -- "$err" >&2
        rm -f -- "$err"
        die "tshark does not load the plugin: crm.so is not in the list of tshark -G plugins"
    fi
    # "Running as user …" is about who runs it, and plain.
    if grep -v '^Running as user' "$err" | grep -q .; then
        cat -- "$err" >&2
        rm -f -- "$err"
        die "tshark loads the plugin, but complains"
    fi
    rm -f -- "$err"
    say "tshark loads the plugin: $(grep '^crm\.so' <<<"$out" | cut -f1-3 | tr '\t' ' ')"
}
