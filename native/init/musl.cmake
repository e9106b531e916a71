# Links ocirt-init with musl where Debian's musl-dev is there: a fifth of the size that the GNU C
# library's static start-up takes, and so a fifth of what each start copies into a sealed memfd and a
# waiting container keeps. Without it the helper is linked as everything else; the sources are the same.
#
# Only the headers of libstdc++ are used, after musl.h. The helper protects its relocations (RELRO)
# itself, init/relro.cc, as a static program of musl does not. There is no _FORTIFY_SOURCE, which is the
# GNU C library's; the assertions of libstdc++ do for the containers what that does for arrays.
function(ocirt_link_with_musl target)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-multiarch
    OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  string(REPLACE "-gnu" "-musl" musl "${multiarch}")
  set(lib /usr/lib/${musl})
  set(headers /usr/include/${musl})
  if(NOT OCIRT_STATIC_PIE OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU"
      OR NOT musl MATCHES "-linux-musl$" OR NOT EXISTS ${lib}/rcrt1.o OR NOT EXISTS ${lib}/libc.a)
    message(STATUS "no musl (Debian: musl-dev): ${target} will be larger")
    return()
  endif()

  # The kernel's headers alone of what is in /usr/include.
  set(kernel ${CMAKE_CURRENT_BINARY_DIR}/kernel-headers)
  file(MAKE_DIRECTORY ${kernel})
  file(CREATE_LINK /usr/include/linux ${kernel}/linux SYMBOLIC)
  file(CREATE_LINK /usr/include/asm-generic ${kernel}/asm-generic SYMBOLIC)
  file(CREATE_LINK /usr/include/${multiarch}/asm ${kernel}/asm SYMBOLIC)

  set(includes "")
  foreach(directory IN LISTS CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
    if(directory MATCHES "/c\\+\\+/")
      list(APPEND includes "SHELL:-isystem ${directory}")
    endif()
  endforeach()
  foreach(name include libgcc.a)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
      OUTPUT_VARIABLE found_${name} OUTPUT_STRIP_TRAILING_WHITESPACE)
  endforeach()
  target_compile_options(${target} PRIVATE -nostdinc -nostdinc++ ${includes}
    "SHELL:-isystem ${headers}" "SHELL:-isystem ${found_include}" "SHELL:-isystem ${kernel}"
    "SHELL:-include ${CMAKE_CURRENT_SOURCE_DIR}/init/musl.h" -U_FORTIFY_SOURCE -fno-threadsafe-statics -fno-use-cxa-atexit)
  target_link_options(${target} PRIVATE -nostdlib -nostartfiles)
  # Without crti.o and its like: nothing here is registered by them.
  target_link_libraries(${target} PRIVATE ${lib}/rcrt1.o
    -Wl,--start-group ${lib}/libc.a ${found_libgcc.a} -Wl,--end-group)
endfunction()
