# The standalone executable: QuickJS, the compiled TypeScript, the core. Included by CMakeLists.txt
# where OCIRT_QUICKJS names the engine's source folder (scripts/fetch-quickjs).
file(READ ${OCIRT_QUICKJS}/VERSION OCIRT_QUICKJS_VERSION)
string(STRIP "${OCIRT_QUICKJS_VERSION}" OCIRT_QUICKJS_VERSION)

# The engine, but with a heap image's objects immortal: host/immortal.h.
set(OCIRT_PATCHED ${CMAKE_BINARY_DIR}/quickjs)
add_custom_command(
  OUTPUT ${OCIRT_PATCHED}/quickjs.c ${OCIRT_PATCHED}/quickjs.h
  COMMAND node ${CMAKE_CURRENT_SOURCE_DIR}/../scripts/patch-quickjs.mjs ${OCIRT_QUICKJS} ${OCIRT_PATCHED}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/../scripts/patch-quickjs.mjs
  VERBATIM)
add_custom_target(quickjs-patched DEPENDS ${OCIRT_PATCHED}/quickjs.c ${OCIRT_PATCHED}/quickjs.h)
set_source_files_properties(host/quickjs.c PROPERTIES OBJECT_DEPENDS ${OCIRT_PATCHED}/quickjs.c)

add_library(quickjs STATIC
  host/quickjs.c
  ${OCIRT_QUICKJS}/dtoa.c
  ${OCIRT_QUICKJS}/libregexp.c
  ${OCIRT_QUICKJS}/libunicode.c
  ${OCIRT_QUICKJS}/cutils.c)
add_dependencies(quickjs quickjs-patched)
target_include_directories(quickjs SYSTEM PUBLIC ${OCIRT_PATCHED} ${OCIRT_QUICKJS})
target_include_directories(quickjs PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(quickjs PRIVATE _GNU_SOURCE _FORTIFY_SOURCE=2
  CONFIG_VERSION="${OCIRT_QUICKJS_VERSION}")
# Without CET: it would put an instruction before each of its bytecode's, for a protection that a C
# library without it (Debian's) switches off for the whole program.
set(OCIRT_QUICKJS_HARDENING ${OCIRT_HARDENING})
list(FILTER OCIRT_QUICKJS_HARDENING EXCLUDE REGEX "cf-protection")
# Signed overflow wraps in it by design. Its warnings are not ours to mend.
target_compile_options(quickjs PRIVATE ${OCIRT_QUICKJS_HARDENING} -O2 -w -fwrapv -ffunction-sections -fdata-sections
  -fno-asynchronous-unwind-tables)
target_link_libraries(quickjs PUBLIC ocirt_libc)

# All of this build is for the one executable: no addon is made in it.
ocirt_compile_for_musl(ocirt_core quickjs)
target_link_libraries(ocirt_core PRIVATE ocirt_libc)

# Bytecode has no stable format: the engine that compiles it is the one that runs it.
add_executable(ocirt-bytecode host/bytecode.cc host/out_of_memory.cc ${OCIRT_SUPPORT})
target_link_libraries(ocirt-bytecode PRIVATE ocirt_flags quickjs)
target_link_options(ocirt-bytecode PRIVATE $<IF:$<BOOL:${OCIRT_STATIC_PIE}>,-static-pie,-static>)
ocirt_link_with_musl(ocirt-bytecode)
file(GLOB OCIRT_MODULES CONFIGURE_DEPENDS ${OCIRT_JS}/*.js)
add_custom_command(
  OUTPUT ${CMAKE_BINARY_DIR}/modules.bin
  COMMAND ocirt-bytecode ${CMAKE_BINARY_DIR}/modules.bin ${OCIRT_MODULES}
  DEPENDS ocirt-bytecode ${OCIRT_MODULES}
  VERBATIM)
set_source_files_properties(host/embedded_modules.S PROPERTIES
  OBJECT_DEPENDS ${CMAKE_BINARY_DIR}/modules.bin
  COMPILE_DEFINITIONS OCIRT_MODULES_PATH="${CMAKE_BINARY_DIR}/modules.bin")

# Room for the heap image, which scripts/build-standalone fills in: whole pages.
set(OCIRT_HEAP_ROOM 2359296)
set_source_files_properties(host/embedded_heap.S PROPERTIES
  COMPILE_DEFINITIONS OCIRT_HEAP_ROOM=${OCIRT_HEAP_ROOM})

# The executable without its heap.
add_executable(ocirt
  host/arena.cc
  host/embedded_heap.S
  host/embedded_modules.S
  host/heap_image.cc
  host/modules.cc
  host/out_of_memory.cc
  host/quickjs_values.cc
  host/standalone.cc
  ${OCIRT_SUPPORT})
target_link_libraries(ocirt PRIVATE ocirt_core quickjs)
target_link_options(ocirt PRIVATE -Wl,--gc-sections -s
  $<IF:$<BOOL:${OCIRT_STATIC_PIE}>,-static-pie,-static>)
set_target_properties(ocirt PROPERTIES OUTPUT_NAME ocirt-without-heap)
ocirt_link_with_musl(ocirt)
