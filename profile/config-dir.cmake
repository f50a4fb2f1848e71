# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sets config: the directory in which Wireshark keeps what is the user's.

if(DEFINED ENV{WIRESHARK_CONFIG_DIR})
  set(config "$ENV{WIRESHARK_CONFIG_DIR}")
elseif(NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "")
  set(config "$ENV{XDG_CONFIG_HOME}/wireshark")
elseif(DEFINED ENV{HOME})
  set(config "$ENV{HOME}/.config/wireshark")
else()
  message(FATAL_ERROR "HOME is not set")
endif()

# Wireshark prefers its older place for as long as that is there.
if(NOT DEFINED ENV{WIRESHARK_CONFIG_DIR} AND NOT EXISTS "${config}" AND IS_DIRECTORY "$ENV{HOME}/.wireshark")
  set(config "$ENV{HOME}/.wireshark")
endif()
