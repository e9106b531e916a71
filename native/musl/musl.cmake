# Links a static executable with musl where Debian's musl-dev is there. It starts at once: the GNU C library asks the
# processor some thirty questions first (CPUID), and each leaves a virtual machine, a third of a millisecond in all on
# some. And it is small: the helper has a fifth of the size, and so a fifth of what each start copies into a sealed
# memfd and a waiting container keeps. Without musl all is linked as everything else; the sources are the same.
#
# Of libstdc++ the headers are used, after musl.h, and the one object with the trees of std::map. The program protects
# its relocations (RELRO) itself, relro.cc, as a static program of musl does not, and fortify.h stands in for
# _FORTIFY_SOURCE, which is the GNU C library's.
set(OCIRT_MUSL OFF)
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-multiarch
  OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
string(REPLACE "-gnu" "-musl" musl "${multiarch}")
set(OCIRT_MUSL_LIB /usr/lib/${musl})
if(OCIRT_STATIC_PIE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND musl MATCHES "-linux-musl$"
    AND EXISTS ${OCIRT_MUSL_LIB}/rcrt1.o AND EXISTS ${OCIRT_MUSL_LIB}/libc.a)
  set(OCIRT_MUSL ON)
else()
  message(STATUS "no musl (Debian: musl-dev): the executables will be larger, and start later")
endif()

if(OCIRT_MUSL)
  # Of what is in /usr/include nothing but the kernel's headers, and libseccomp's.
  set(borrowed ${CMAKE_CURRENT_BINARY_DIR}/borrowed-headers)
  file(MAKE_DIRECTORY ${borrowed})
  file(CREATE_LINK /usr/include/linux ${borrowed}/linux SYMBOLIC)
  file(CREATE_LINK /usr/include/asm-generic ${borrowed}/asm-generic SYMBOLIC)
  file(CREATE_LINK /usr/include/${multiarch}/asm ${borrowed}/asm SYMBOLIC)
  foreach(header seccomp.h seccomp-syscalls.h)
    if(EXISTS /usr/include/${header})
      file(CREATE_LINK /usr/include/${header} ${borrowed}/${header} SYMBOLIC)
    endif()
  endforeach()

  foreach(name include libgcc.a libstdc++.a)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name}
      OUTPUT_VARIABLE found_${name} OUTPUT_STRIP_TRAILING_WHITESPACE)
  endforeach()
  set(includes "")
  foreach(directory IN LISTS CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
    if(directory MATCHES "/c\\+\\+/")
      list(APPEND includes "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${directory}>")
    endif()
  endforeach()
  set(OCIRT_MUSL_OPTIONS -nostdinc $<$<COMPILE_LANGUAGE:CXX>:-nostdinc++> ${includes}
    "SHELL:-isystem /usr/include/${musl}" "SHELL:-isystem ${found_include}" "SHELL:-isystem ${borrowed}"
    -U_FORTIFY_SOURCE
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-include ${CMAKE_CURRENT_SOURCE_DIR}/musl/musl.h>"
    "$<$<COMPILE_LANGUAGE:C,CXX>:SHELL:-include ${CMAKE_CURRENT_SOURCE_DIR}/musl/fortify.h>"
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics> $<$<COMPILE_LANGUAGE:CXX>:-fno-use-cxa-atexit>)
endif()

# The compiler knows what malloc and memset together are: calloc, which is made of them here.
set_source_files_properties(musl/memory.cc PROPERTIES COMPILE_OPTIONS -fno-builtin)
set_source_files_properties(musl/fortify.cc PROPERTIES COMPILE_DEFINITIONS OCIRT_NOT_FORTIFIED)

# What is compiled for an executable that musl is linked to.
function(ocirt_compile_for_musl)
  if(OCIRT_MUSL)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE ${OCIRT_MUSL_OPTIONS})
    endforeach()
  endif()
endfunction()

# What takes the place of parts of the C++ library, with any C library: of each executable. Each has an
# out_of_memory.cc of its own beside it.
set(OCIRT_SUPPORT musl/relro.cc musl/support.cc)

# The C library, behind all that is compiled for it: libraries name it as what they need.
add_library(ocirt_libc INTERFACE)
if(OCIRT_MUSL)
  target_link_libraries(ocirt_libc INTERFACE
    -Wl,--start-group ${OCIRT_MUSL_LIB}/libc.a ${found_libgcc.a} -Wl,--end-group ${found_libstdc++.a})
else()
  target_link_libraries(ocirt_libc INTERFACE m ${CMAKE_DL_LIBS})
endif()

# An executable, with OCIRT_SUPPORT among its sources.
function(ocirt_link_with_musl target)
  if(OCIRT_MUSL)
    ocirt_compile_for_musl(${target})
    target_sources(${target} PRIVATE musl/fortify.cc musl/memory.cc)
    target_link_options(${target} PRIVATE -nostdlib -nostartfiles)
    # Without crti.o and its like: nothing here is registered by them.
    target_link_libraries(${target} PRIVATE ${OCIRT_MUSL_LIB}/rcrt1.o ocirt_libc)
  endif()
endfunction()
