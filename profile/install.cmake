# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the profile `from` into the user's own profiles. One that is there
# already may have been changed by its user and is left as it is.

include(${CMAKE_CURRENT_LIST_DIR}/config-dir.cmake)

get_filename_component(name "${from}" NAME)
set(to "${config}/profiles/${name}")
if(EXISTS "${to}")
  message(FATAL_ERROR "${to} is there already; remove it or rename it to install the profile anew")
endif()
file(COPY "${from}" DESTINATION "${config}/profiles")
message(STATUS "installed: ${to}")
