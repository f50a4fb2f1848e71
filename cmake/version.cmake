# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sets CRM_VERSION, which `tshark -G plugins`, the packages and the source tarball show. It grows with every change,
# or apt would leave an old build in place of a new one. Debian's order of versions decides the signs:
#
#   1.0.0                          the commit with the tag v1.0.0
#   1.0.0~20261125184300.1a2b3c4   a commit while CHANGELOG.md calls 1.0.0 unreleased: "~" is before 1.0.0
#   1.0.0+20261125184300.1a2b3c4   a commit after that: the time (UTC) is the commit's
#   1.0.0+20261125190501.1a2b3c4m  the same, modified since: the time is that of the newest file
#
# A tarball has no git: the file VERSION, which was put into it, says where it comes from.
# `cmake -P cmake/version.cmake` prints the version.

if(CMAKE_SCRIPT_MODE_FILE)
  cmake_minimum_required(VERSION 3.25)
  get_filename_component(PROJECT_SOURCE_DIR "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)
  file(STRINGS "${PROJECT_SOURCE_DIR}/CMakeLists.txt" crm_line REGEX "^project\\(wireshark-crm VERSION ")
  string(REGEX REPLACE ".*VERSION ([0-9.]+).*" "\\1" PROJECT_VERSION "${crm_line}")
endif()

# What a package is made of; the rest, as tests, changes nothing in it.
set(crm_packaged CMakeLists.txt CHANGELOG.md cmake plugin profile fleet)

# crm_git(OUT ARGUMENT…): a git command's output, "" where it fails. Its tree may belong to another user than the
# one who builds, who may be root.
function(crm_git out)
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env TZ=UTC0 git -c "safe.directory=${PROJECT_SOURCE_DIR}" -c core.quotePath=off -C "${PROJECT_SOURCE_DIR}" ${ARGN}
    OUTPUT_VARIABLE text ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    set(text "")
  endif()
  set(${out} "${text}" PARENT_SCOPE)
endfunction()

# crm_newest(OUT FILE…): when the newest of them was changed. Of one that is gone, its directory tells.
function(crm_newest out)
  set(newest "")
  foreach(file ${ARGN})
    set(file "${PROJECT_SOURCE_DIR}/${file}")
    if(NOT EXISTS "${file}")
      get_filename_component(file "${file}" DIRECTORY)
    endif()
    file(TIMESTAMP "${file}" time "%Y%m%d%H%M%S" UTC)
    if(time STRGREATER newest)
      set(newest "${time}")
    endif()
  endforeach()
  set(${out} "${newest}" PARENT_SCOPE)
endfunction()

# The version of a commit, and which files of its tree are changed since.
function(crm_version_of_commit version changed commit)
  crm_git(exact describe --tags --exact-match --match "v${PROJECT_VERSION}" HEAD)
  set(text "${PROJECT_VERSION}")
  if(NOT exact)
    string(APPEND text "${crm_sign}${commit}")
  endif()
  crm_git(files diff --name-only HEAD -- ${crm_packaged})
  crm_git(new ls-files --others --exclude-standard -- ${crm_packaged})
  string(REPLACE "\n" ";" files "${files}\n${new}")
  list(FILTER files EXCLUDE REGEX "^$")
  crm_git(log rev-parse --path-format=absolute --git-path logs/HEAD)
  if(EXISTS "${log}" AND NOT CMAKE_SCRIPT_MODE_FILE)
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${log}")
  endif()
  set(${version} "${text}" PARENT_SCOPE)
  set(${changed} "${files}" PARENT_SCOPE)
endfunction()

# The same of a tarball: what is newer than its VERSION was changed since; without a VERSION, all may have been.
function(crm_version_of_tarball version changed)
  set(text "${PROJECT_VERSION}")
  set(made "")
  if(EXISTS "${PROJECT_SOURCE_DIR}/VERSION")
    file(STRINGS "${PROJECT_SOURCE_DIR}/VERSION" text LIMIT_COUNT 1)
    crm_newest(made VERSION)
  endif()
  set(files "")
  foreach(part ${crm_packaged})
    file(GLOB_RECURSE found LIST_DIRECTORIES false RELATIVE "${PROJECT_SOURCE_DIR}"
      "${PROJECT_SOURCE_DIR}/${part}" "${PROJECT_SOURCE_DIR}/${part}/*")
    foreach(file ${found})
      crm_newest(time "${file}")
      if(time STRGREATER made)
        list(APPEND files "${file}")
      endif()
    endforeach()
  endforeach()
  set(${version} "${text}" PARENT_SCOPE)
  set(${changed} "${files}" PARENT_SCOPE)
endfunction()

file(STRINGS "${PROJECT_SOURCE_DIR}/CHANGELOG.md" crm_sign REGEX "^## ${PROJECT_VERSION} - Unreleased")
if(crm_sign)
  set(crm_sign "~")
else()
  set(crm_sign "+")
endif()

# A tree that lies in somebody else's repository, as in Wireshark's own, is not that repository's.
get_filename_component(crm_here "${PROJECT_SOURCE_DIR}" REALPATH)
crm_git(crm_top rev-parse --show-toplevel)
crm_git(crm_commit log -1 --date=format-local:%Y%m%d%H%M%S --abbrev=7 --format=%cd.%h)
if(crm_commit AND crm_top STREQUAL crm_here)
  crm_version_of_commit(CRM_VERSION crm_changed "${crm_commit}")
else()
  crm_version_of_tarball(CRM_VERSION crm_changed)
endif()
if(crm_changed)
  crm_newest(crm_time ${crm_changed})
  string(REGEX MATCH "^([0-9.]+)([~+]?)([0-9]*)([^m]*)m?$" crm_match "${CRM_VERSION}")
  if(CMAKE_MATCH_2)
    set(crm_sign "${CMAKE_MATCH_2}")
  endif()
  if("${CMAKE_MATCH_3}" STRGREATER crm_time)
    set(crm_time "${CMAKE_MATCH_3}")
  endif()
  set(CRM_VERSION "${CMAKE_MATCH_1}${crm_sign}${crm_time}${CMAKE_MATCH_4}m")
endif()
message(STATUS "wireshark-crm ${CRM_VERSION}")
