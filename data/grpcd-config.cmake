# grpcd-config.cmake - modules for grpcd built with CMake
#
#	find_package(grpcd REQUIRED)
#	grpcd_add_module(chat PROTOS chat.proto SOURCES chat.c)
#
# makes chat.so, and installs it where grpcd looks for modules.  PROTOS are
# relative to the current source directory, which is also the root of their
# imports.
cmake_minimum_required(VERSION 3.13)
find_package(PkgConfig REQUIRED)
pkg_check_modules(GRPCD REQUIRED IMPORTED_TARGET grpcd)
pkg_get_variable(GRPCD_MODULEDIR grpcd moduledir)
pkg_get_variable(GRPCD_BINDIR grpcd bindir)
find_program(PROTOC protoc REQUIRED)
find_program(PROTOC_GEN_GRPCD protoc-gen-grpcd HINTS ${GRPCD_BINDIR} REQUIRED)

function(grpcd_add_module name)
	cmake_parse_arguments(arg "" "" "PROTOS;SOURCES" ${ARGN})
	set(made)
	foreach(proto ${arg_PROTOS})
		string(REGEX REPLACE "\\.proto$" "" stem ${proto})
		list(APPEND made ${stem}.grpcd.c ${stem}.grpcd.h
			${stem}.pb-c.c ${stem}.pb-c.h)
	endforeach()
	list(TRANSFORM made PREPEND ${CMAKE_CURRENT_BINARY_DIR}/)
	add_custom_command(OUTPUT ${made}
		COMMAND ${PROTOC}
			--plugin=protoc-gen-grpcd=${PROTOC_GEN_GRPCD}
			-I${CMAKE_CURRENT_SOURCE_DIR}
			--grpcd_out=${CMAKE_CURRENT_BINARY_DIR}
			${arg_PROTOS}
		DEPENDS ${arg_PROTOS}
		WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
		VERBATIM)
	add_library(${name} MODULE ${arg_SOURCES} ${made})
	set_target_properties(${name} PROPERTIES PREFIX "")
	target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
	target_link_libraries(${name} PRIVATE PkgConfig::GRPCD)
	install(TARGETS ${name} LIBRARY DESTINATION ${GRPCD_MODULEDIR})
endfunction()
