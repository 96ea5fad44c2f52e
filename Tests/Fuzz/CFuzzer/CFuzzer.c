// There is no code here: libFuzzer brings it. A C target needs a source file.

#include "CFuzzer.h"
