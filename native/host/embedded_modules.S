// The module table (bytecode.cc) as read-only data of the executable.
  .section .rodata
  .balign 16
  .global ocirt_modules_begin
  .global ocirt_modules_end
ocirt_modules_begin:
  .incbin OCIRT_MODULES_PATH
ocirt_modules_end:
  .section .note.GNU-stack, "", %progbits
