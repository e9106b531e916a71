// Room for the heap image (heap_image.h), filled in by objcopy after the link: whole pages of the
// writable segment, so that a start can move them to the heap's address without copying.
  .section .ocirt_heap, "aw", %progbits
  .balign 4096
  .global ocirt_heap_begin
  .hidden ocirt_heap_begin
  .global ocirt_heap_end
  .hidden ocirt_heap_end
ocirt_heap_begin:
  .fill OCIRT_HEAP_ROOM, 1, 0
ocirt_heap_end:
  .section .note.GNU-stack, "", %progbits
