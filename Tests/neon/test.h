#ifndef TEST_H
#define TEST_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/* Counts a failure and prints the first few; the numbers say where. */
void fail(const char *level, const char *what, int a, int b, int c);

uint64_t random_bits(void);
/* From 0 to limit - 1. */
int random_below(int limit);
/* From -1 to 1. */
float random_float(void);

/* What is in memory that must not be written. */
static const float untouched = 12345.0f;

static inline int same_bits(float a, float b) { return memcmp(&a, &b, sizeof a) == 0; }

static inline int close_to(float a, float b, float size) {
    return fabsf(a - b) <= 1e-5f * size || (isnan(a) && isnan(b));
}

/* Each compares all levels with the first. */
void check_matmul(const tm_kernels *const *levels);
void check_vectors(const tm_kernels *const *levels);
void check_attention(const tm_kernels *const *levels);

#endif
