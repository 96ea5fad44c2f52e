// The one entry point of libFuzzer that a program with a main of its own needs
// (compiler-rt, FuzzerInterface.h). libFuzzer owns the bytes; they are valid during one callback.

#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
