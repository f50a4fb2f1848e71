# SPDX-License-Identifier: GPL-2.0-or-later

# Whether the compiler keeps the message library apart from Wireshark: an include of Wireshark's, compiled with the
# directories of crm-message, must fail for want of the header. Two controls show that it fails for nothing else: a
# header of the library compiles with those directories, and Wireshark's compiles with the plugin's.
#
#   cmake -D COMPILER=… -D DIRECTORY=… -D MESSAGE=dir;… -D DISSECTOR=dir;… -P wall.cmake
#
# MESSAGE and DISSECTOR are the include directories of crm-message and of the plugin; DIRECTORY is written to.

set(from_wireshark epan/packet.h epan/tvbuff.h wsutil/wmem/wmem.h wiretap/wtap.h)
set(ENV{LC_ALL} C)

# Compiles a file that includes `header`; sets compiled to TRUE or FALSE, and says to what it said.
function(try_header header directories)
  set(options "")
  foreach(directory IN LISTS directories)
    list(APPEND options -I${directory})
  endforeach()
  file(WRITE ${DIRECTORY}/wall.c "#include <${header}>\n")
  execute_process(COMMAND ${COMPILER} ${options} -fsyntax-only ${DIRECTORY}/wall.c
    RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE out)
  set(says "${out}" PARENT_SCOPE)
  if(result EQUAL 0)
    set(compiled TRUE PARENT_SCOPE)
  else()
    set(compiled FALSE PARENT_SCOPE)
  endif()
endfunction()

file(MAKE_DIRECTORY ${DIRECTORY})
try_header(message/message.h "${MESSAGE}")
if(NOT compiled)
  message(SEND_ERROR "control: the library's own header does not compile:\n${says}")
endif()
foreach(header IN LISTS from_wireshark)
  try_header(${header} "${DISSECTOR}")
  if(NOT compiled)
    message(SEND_ERROR "control: ${header} does not compile where Wireshark is wanted:\n${says}")
  endif()
  try_header(${header} "${MESSAGE}")
  if(compiled)
    message(SEND_ERROR "${header} can be included in plugin/message")
  elseif(NOT says MATCHES "${header}[^\n]*(No such file|not found)")
    message(SEND_ERROR "${header} is not refused for want of the header, but:\n${says}")
  endif()
endforeach()
