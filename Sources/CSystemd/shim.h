// libsystemd for the daemon: readiness, watchdog, descriptor store (sd-daemon) and the journal with
// its fields (sd-journal), and for coherentctl the question how many descriptors systemd keeps
// (sd-login, sd-bus). Swift imports neither variadic functions nor function-like macros, so of
// sd-journal only sd_journal_sendv is of use; the macro of that name would hide the function.

#ifndef COHERENT_CSYSTEMD_SHIM_H
#define COHERENT_CSYSTEMD_SHIM_H

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

#endif
