#define _GNU_SOURCE
#include "CLinux.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static void pause_processor(void) {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* A thread counts itself as asleep before the system compares the word once more, and the word is
 * changed before sleepers are counted; with one order for both, one of the two sees the other. */
static void wake(clinux_word *word) {
    if (atomic_load((_Atomic uint32_t *)&word->sleepers) == 0) return;
    syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

void clinux_signal(clinux_word *word) {
    atomic_fetch_add((_Atomic uint32_t *)&word->value, 1);
    wake(word);
}

void clinux_finish(clinux_word *word) {
    if (atomic_fetch_sub((_Atomic uint32_t *)&word->value, 1) == 1) wake(word);
}

void clinux_wait(clinux_word *word, uint32_t seen, int32_t spins) {
    for (int32_t i = 0; i < spins; i++) {
        if (clinux_load(&word->value) != seen) return;
        pause_processor();
    }
    atomic_fetch_add((_Atomic uint32_t *)&word->sleepers, 1);
    while (clinux_load(&word->value) == seen)
        syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
    atomic_fetch_sub((_Atomic uint32_t *)&word->sleepers, 1);
}

uint32_t clinux_load(const uint32_t *word) {
    return atomic_load_explicit((const _Atomic uint32_t *)word, memory_order_acquire);
}

void clinux_store(uint32_t *word, uint32_t value) {
    atomic_store_explicit((_Atomic uint32_t *)word, value, memory_order_release);
}

uint32_t clinux_add(uint32_t *word, uint32_t count) {
    return atomic_fetch_add_explicit((_Atomic uint32_t *)word, count, memory_order_relaxed);
}

uint32_t clinux_flush_denormals(void) {
#if defined(__x86_64__)
    uint32_t before = _mm_getcsr();
    _mm_setcsr(before | 0x8040);
    return before;
#elif defined(__aarch64__)
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | 1u << 24));
    return (uint32_t)before;
#else
    return 0;
#endif
}

void clinux_restore_float_state(uint32_t state) {
#if defined(__x86_64__)
    _mm_setcsr(state);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)state));
#else
    (void)state;
#endif
}

int32_t clinux_processor_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return CPU_COUNT(&set);
}

int32_t clinux_processor(int32_t index) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return -1;
    for (int32_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &set) && index-- == 0) return cpu;
    return -1;
}

int32_t clinux_pin(int32_t processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set);
}

void clinux_name_thread(const char *name) {
    char kept[16];
    snprintf(kept, sizeof kept, "%s", name);
    pthread_setname_np(pthread_self(), kept);
}
