# SPDX-License-Identifier: GPL-2.0-or-later

# other_file(OUT FROM TO FILE…): the first of the files that is not the same in both directories, or "".
function(other_file out from to)
  set(${out} "" PARENT_SCOPE)
  foreach(file ${ARGN})
    execute_process(COMMAND "${CMAKE_COMMAND}" -E compare_files "${from}/${file}" "${to}/${file}"
      OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE differs)
    if(NOT differs EQUAL 0)
      set(${out} "${file}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()
