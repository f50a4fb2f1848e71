# SPDX-License-Identifier: GPL-2.0-or-later

# What the bytes say: GLib and json-glib only. Unit tests and fuzzers link it.
set(CRM_MESSAGE_SOURCES
  message/hash.c
  message/address.c
  message/visible.c
  message/types.c
  message/json.c
  message/pickle.c
  message/schema.c
  message/recognise.c
  message/identify.c
  message/reference.c
  message/cause.c
  message/build.c
  message/line.c
  message/scalar.c
  message/walk.c
  message/message.c
  message/recent.c
  message/dto-json.c
  message/summary.c
)

# What Wireshark shows of it.
set(CRM_DISSECTOR_SOURCES
  dissector/plugin.c
  dissector/udp.c
  dissector/packet-crm.c
  dissector/dialogue-items.c
  dissector/point-items.c
  dissector/stats.c
  dissector/stats-tree.c
  dissector/stats-hosts.c
  dissector/stats-srt.c
  dissector/stats-points.c
  dissector/stats-view.c
  dissector/filters.c
  dissector/info.c
  dissector/whom.c
  dissector/text.c
  dissector/dialogue.c
  dissector/silence.c
  dissector/copies.c
  dissector/flows.c
  dissector/routes.c
  dissector/points.c
  dissector/hosts.c
  dissector/endpoints.c
  dissector/networks.c
  dissector/records.c
  dissector/idmap.c
  dissector/store.c
)
