#ifndef CLINUX_H
#define CLINUX_H

/* What Linux and the processor offer that Swift cannot call: variadic system calls, CPU sets,
 * C atomics on shared words, the floating-point control register. */

#include <stdint.h>

/* A word that threads wait on, and how many of them sleep: nobody calls the system to wake nobody. */
typedef struct { uint32_t value, sleepers; } clinux_word;

/* Adds 1 to the word and wakes every thread that sleeps on it. */
void clinux_signal(clinux_word *word);
/* Subtracts 1, and wakes every thread that sleeps on the word when nothing is left. */
void clinux_finish(clinux_word *word);
/* Returns when the word differs from `seen`: spins `spins` times, then sleeps. What other threads
 * wrote before they changed the word can be read after it. */
void clinux_wait(clinux_word *word, uint32_t seen, int32_t spins);
uint32_t clinux_load(const uint32_t *word);
/* *word = value; for a word that no other thread reads yet. */
void clinux_store(uint32_t *word, uint32_t value);
/* Adds `count` and returns the value before. */
uint32_t clinux_add(uint32_t *word, uint32_t count);

/* Flushes denormal results and inputs to zero on the calling thread; returns the state before. */
uint32_t clinux_flush_denormals(void);
void clinux_restore_float_state(uint32_t state);

/* How many processors this process may run on. */
int32_t clinux_processor_count(void);
/* The `index`-th of them, or -1. */
int32_t clinux_processor(int32_t index);
/* Pins the calling thread to one processor; 0 when that worked. */
int32_t clinux_pin(int32_t processor);

/* Names the calling thread (at most 15 characters are kept). */
void clinux_name_thread(const char *name);

#endif
