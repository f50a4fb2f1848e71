# SPDX-License-Identifier: GPL-2.0-or-later
#
# As a directory of Wireshark's own source tree (docs/installing.md): its macros build and install the plugin.

include(WiresharkPlugin)
include(${CMAKE_CURRENT_LIST_DIR}/../plugin/sources.cmake)

find_package(PkgConfig REQUIRED)
pkg_check_modules(JSON_GLIB REQUIRED IMPORTED_TARGET json-glib-1.0)

set_module_info(crm ${PROJECT_VERSION_MAJOR} ${PROJECT_VERSION_MINOR} ${PROJECT_VERSION_PATCH} 0)
set(PLUGIN_FILES ${CRM_MESSAGE_SOURCES} ${CRM_DISSECTOR_SOURCES})
list(TRANSFORM PLUGIN_FILES PREPEND plugin/)
set_source_files_properties(${PLUGIN_FILES} PROPERTIES COMPILE_FLAGS "${WERROR_COMMON_FLAGS}")

add_wireshark_plugin_library(crm epan)
target_compile_definitions(crm PRIVATE CRM_VERSION="${CRM_VERSION}")
target_include_directories(crm PRIVATE ${CMAKE_CURRENT_LIST_DIR}/../plugin)
target_link_libraries(crm epan PkgConfig::JSON_GLIB)
install_plugin(crm epan)
