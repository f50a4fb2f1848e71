# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the profile `from` into the user's own profiles. One that is there
# already may have been changed by its user and is left as it is; where it is
# the same, but for the file recent, that is said and no error.

include(${CMAKE_CURRENT_LIST_DIR}/config-dir.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/other-file.cmake)

get_filename_component(name "${from}" NAME)
set(to "${config}/profiles/${name}")
if(EXISTS "${to}")
  file(GLOB files RELATIVE "${from}" "${from}/*")
  list(REMOVE_ITEM files recent)
  other_file(other "${from}" "${to}" ${files})
  if(other)
    message(FATAL_ERROR "${to} is there already, and its ${other} is another: an earlier version's, or changed since. "
      "To install the profile anew, first:\n  rm -r '${to}'")
  endif()
  message(STATUS "is there already, and the same: ${to}")
  return()
endif()
file(COPY "${from}" DESTINATION "${config}/profiles")
message(STATUS "installed: ${to}")
