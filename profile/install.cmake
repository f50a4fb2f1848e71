# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the profile `from` into the user's own profiles. One that is there
# already may have been changed by its user and is left as it is; where it is
# the same, but for the file recent, that is said and no error.

include(${CMAKE_CURRENT_LIST_DIR}/config-dir.cmake)

get_filename_component(name "${from}" NAME)
set(to "${config}/profiles/${name}")
if(EXISTS "${to}")
  file(GLOB files RELATIVE "${from}" "${from}/*")
  list(REMOVE_ITEM files recent)
  foreach(file ${files})
    execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${from}/${file}" "${to}/${file}"
      OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE differs)
    if(NOT differs EQUAL 0)
      message(FATAL_ERROR "${to} is there already, and its ${file} is another: an earlier version's, or changed since. "
        "To install the profile anew, first: rm -r '${to}'")
    endif()
  endforeach()
  message(STATUS "is there already, and the same: ${to}")
  return()
endif()
file(COPY "${from}" DESTINATION "${config}/profiles")
message(STATUS "installed: ${to}")
