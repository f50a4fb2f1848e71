# SPDX-License-Identifier: GPL-2.0-or-later

# What the bytes say: GLib and json-glib only. Unit tests and fuzzers link it.
set(CRM_MESSAGE_SOURCES
  message/hash.c
  message/json.c
  message/pickle.c
  message/types.c
  message/schema.c
  message/visible.c
  message/recognise.c
  message/message.c
  message/message-json.c
  message/summary.c
)

# What Wireshark shows of it.
set(CRM_DISSECTOR_SOURCES
  dissector/plugin.c
  dissector/packet-crm.c
  dissector/idmap.c
  dissector/track.c
  dissector/stats.c
)
