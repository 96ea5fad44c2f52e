// Takes the place of libc's pread and pwrite where it is preloaded; nothing of it is called by name.
#pragma once
#include <sys/types.h>
