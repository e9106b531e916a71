// The helper's executable as bytes; see sys/sealed_init.h.
    .section .rodata
    .balign 16
    .global ocirt_init_begin
    .hidden ocirt_init_begin
    .global ocirt_init_end
    .hidden ocirt_init_end
ocirt_init_begin:
    .incbin OCIRT_INIT_PATH
ocirt_init_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
