# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the profile `from` into the user's own profiles. One that is there
# already may have been changed by its user and is left as it is.

if(DEFINED ENV{WIRESHARK_CONFIG_DIR})
  set(config "$ENV{WIRESHARK_CONFIG_DIR}")
elseif(DEFINED ENV{XDG_CONFIG_HOME})
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

get_filename_component(name "${from}" NAME)
set(to "${config}/profiles/${name}")
if(EXISTS "${to}")
  message(FATAL_ERROR "${to} is there already; remove it or rename it to install the profile anew")
endif()
file(COPY "${from}" DESTINATION "${config}/profiles")
message(STATUS "installed: ${to}")
