# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where `cmake --install` puts things, and the targets that put them elsewhere or take them away again. Included
# before the directories that have install rules, for before-install.cmake runs before theirs.

# Wireshark looks for plugins below its own prefix, /usr, and not below cmake's default.
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
  set(CMAKE_INSTALL_PREFIX "${Wireshark_INSTALL_PREFIX}" CACHE PATH "Installation prefix" FORCE)
endif()

set(crm_release "${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION}")
set(CRM_PLUGIN_DIR "${Wireshark_PLUGIN_LIBDIR}/epan")

# Wireshark's own profiles stand beside its data; its CMake package does not say where that is.
if(NOT DEFINED CRM_PROFILE_DIR)
  set(CRM_PROFILE_DIR ${CMAKE_INSTALL_DATADIR}/wireshark/profiles)
endif()

foreach(file before-install after-install uninstall)
  configure_file(cmake/installing/${file}.cmake.in ${PROJECT_BINARY_DIR}/${file}.cmake @ONLY)
endforeach()
install(SCRIPT ${PROJECT_BINARY_DIR}/before-install.cmake)

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -P ${PROJECT_BINARY_DIR}/uninstall.cmake VERBATIM)

# The user's own directories. Of the plugin, root has none (docs/installing.md).
foreach(action install uninstall)
  add_custom_target(${action}-personal
    COMMAND ${CMAKE_COMMAND} -D action=${action} -D "plugin=$<TARGET_FILE:crm>" -D release=${crm_release}
            -D "system=${Wireshark_INSTALL_PREFIX}/${CRM_PLUGIN_DIR}/crm.so"
            -P ${PROJECT_SOURCE_DIR}/cmake/installing/personal.cmake
    VERBATIM)
  add_custom_target(${action}-profile
    COMMAND ${CMAKE_COMMAND} -D "from=${PROJECT_SOURCE_DIR}/profile/CRM" -P ${PROJECT_SOURCE_DIR}/profile/${action}.cmake
    VERBATIM)
endforeach()
add_dependencies(install-personal crm)
