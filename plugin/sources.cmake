# SPDX-License-Identifier: GPL-2.0-or-later

# The layers that know nothing of Wireshark; unit tests and fuzzers link them.
set(CRM_CORE_SOURCES
  hash.c
  json.c
  pickle.c
  schema.c
  visible.c
  recognise.c
  dto.c
  dto-json.c
  summary.c
)

# The layers that do.
set(CRM_PLUGIN_SOURCES
  plugin.c
  packet-crm.c
  idmap.c
  track.c
  stats.c
)
