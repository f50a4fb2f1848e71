# SPDX-License-Identifier: GPL-2.0-or-later
#
# Copies the plugin into the user's own directory, or takes it away from there:
#
#     cmake -D action=install -D plugin=crm.so -D release=4.0 [-D system=FILE] -P personal.cmake
#     cmake -D action=uninstall -P personal.cmake

if(NOT DEFINED ENV{HOME})
  message(FATAL_ERROR "HOME is not set")
endif()
set(plugins "$ENV{HOME}/.local/lib/wireshark/plugins")

if(action STREQUAL "install")
  file(COPY "${plugin}" DESTINATION "${plugins}/${release}/epan")
  message(STATUS "installed: ${plugins}/${release}/epan/crm.so")
  execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(user EQUAL 0)
    message(WARNING "run as root, Wireshark ignores this directory: as root, use `cmake --install` or the package")
  endif()
  if(system AND EXISTS "${system}")
    message(WARNING "there is another copy, ${system}, and Wireshark loads that one, for everybody: remove it, or put this "
      "build in its place (docs/installing.md)")
  endif()
  return()
endif()

# Of every release: what an older Wireshark left behind is of no use to anybody.
file(GLOB copies "${plugins}/*/epan/crm.so")
if(NOT copies)
  message(STATUS "there is no crm.so below ${plugins}")
endif()
foreach(copy ${copies})
  file(REMOVE "${copy}")
  message(STATUS "removed: ${copy}")
  # Directories that were made for it.
  set(directory "${copy}")
  foreach(level epan release plugins wireshark)
    get_filename_component(directory "${directory}" DIRECTORY)
    file(GLOB inside "${directory}/*")
    if(NOT inside)
      file(REMOVE_RECURSE "${directory}")
    endif()
  endforeach()
endforeach()
