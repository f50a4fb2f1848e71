# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian package (`cpack -G DEB`, or script/package) and the source tarball (target dist).

# The project has no address of its own; .invalid says so (and lintian is told why).
set(CRM_PACKAGE_CONTACT "wireshark-crm developers <wireshark-crm@project.invalid>" CACHE STRING
    "Maintainer of the Debian package; whoever distributes it puts an address of theirs here")

set(CPACK_PACKAGE_NAME wireshark-crm)
set(CPACK_PACKAGE_VERSION ${CRM_VERSION})
set(CPACK_PACKAGE_CONTACT ${CRM_PACKAGE_CONTACT})
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB)

# The source: what belongs to it, and nothing that was built or that belongs to git.
set(CPACK_SOURCE_GENERATOR TXZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME ${PROJECT_NAME}-${CRM_VERSION})
string(REGEX REPLACE "([][+.*()^$?|\\])" "\\\\\\1" crm_source "${PROJECT_SOURCE_DIR}")
set(CPACK_SOURCE_IGNORE_FILES "^${crm_source}/build/" "/\\.git(/|$)" "^${crm_source}/VERSION$" "/__pycache__/" "/\\.pytest_cache/" "\\.pyc$" "~$" "\\.sw.$")

# One source package gives one package for each X.Y of Wireshark: +wsX.Y tells them apart, and makes that of a
# newer Debian the higher version, so that a release upgrade replaces it.
math(EXPR crm_next_minor "${Wireshark_MINOR_VERSION} + 1")
set(CPACK_DEBIAN_PACKAGE_RELEASE "1+ws${crm_release}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Wireshark dissector for Cloudless Resource Monitoring")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "A plugin for Wireshark and tshark that shows the messages of the Cloudless
Resource Monitoring (CRM) protocol: JSON over UDP, as Python's jsonpickle
writes it.

Every value of a message becomes a field to filter by, probes are paired with
their acknowledgements and registrations, and what is wrong with a message is
said in its expert information.")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "tshark | wireshark")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "parallel, clickhouse-client")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# dpkg-shlibdeps gives the libraries, libwireshark's ABI among them. That alone would keep the old library on the
# machine when Debian is upgraded, beside a Wireshark that looks elsewhere for its plugins: CRM would be gone without
# a word. wireshark-common goes with tshark and wireshark; bound to its X.Y, apt has to say what becomes of the plugin.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
get_target_property(crm_libwireshark epan LOCATION)
get_filename_component(crm_libwireshark "${crm_libwireshark}" REALPATH)
execute_process(COMMAND dpkg-query -S "${crm_libwireshark}" OUTPUT_QUIET ERROR_QUIET RESULT_VARIABLE crm_not_debian)
if(crm_not_debian EQUAL 0)
  set(crm_next_release "${Wireshark_MAJOR_VERSION}.${crm_next_minor}")
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "python3:any, wireshark-common (>= ${crm_release}~), wireshark-common (<< ${crm_next_release}~)")
endif()

# What Debian wants beside the module is laid into the package only, never by `cmake --install`.
# Both honour SOURCE_DATE_EPOCH.
string(TIMESTAMP crm_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
string(TIMESTAMP crm_year "%Y" UTC)
foreach(file changelog copyright lintian-overrides stage.cmake note-version.cmake cpack.cmake)
  configure_file(cmake/debian/${file}.in ${PROJECT_BINARY_DIR}/debian/${file} @ONLY)
endforeach()
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_BINARY_DIR}/debian/cpack.cmake)

include(CPack)

add_custom_target(dist
  COMMAND ${CMAKE_CPACK_COMMAND} --config ${PROJECT_BINARY_DIR}/CPackSourceConfig.cmake
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
  COMMENT "Source tarball ${CPACK_SOURCE_PACKAGE_FILE_NAME}.tar.xz"
  VERBATIM)
