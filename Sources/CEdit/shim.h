#ifndef CEDIT_SHIM_H
#define CEDIT_SHIM_H

#include <stdio.h>
#include <stdlib.h>
#include <editline/readline.h>

/* Signals stay with the program: it decides what an interrupt means. A function, because a mutable
   C global cannot be touched from Swift 6. */
static inline void tm_edit_leave_signals_alone(void) { rl_catch_signals = 0; }

#endif
