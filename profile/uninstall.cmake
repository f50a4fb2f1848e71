# SPDX-License-Identifier: GPL-2.0-or-later
#
# Removes the profile `from` from the user's own profiles, unless there is more in it by now than was installed:
# Wireshark keeps there what its user changes. The file recent, widths of columns and the like, is written anew
# whenever Wireshark ends, and does not count.

include(${CMAKE_CURRENT_LIST_DIR}/config-dir.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/other-file.cmake)

get_filename_component(name "${from}" NAME)
set(to "${config}/profiles/${name}")
if(NOT IS_DIRECTORY "${to}")
  message(STATUS "there is no ${to}")
  return()
endif()
file(GLOB_RECURSE files RELATIVE "${to}" "${to}/*")
list(REMOVE_ITEM files recent)
other_file(other "${from}" "${to}" ${files})
if(other)
  message(FATAL_ERROR "${to}/${other} is another: changed since, or an earlier version's. To remove the profile all the same:\n"
    "  rm -r '${to}'")
endif()
file(REMOVE_RECURSE "${to}")
message(STATUS "removed: ${to}")
