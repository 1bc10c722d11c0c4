/* Attention with NEON and dotprod. */

#if defined(__aarch64__)

#include <arm_neon.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "attention_lanes.h"

#define FLOAT_ROWS 2
#define INT8_ROWS 2
#define PIN(value)

/* sdot wants both signed: u - 128 is, and what is missing then, 128 times the sum of s, is the same
 * for all rows or for all keys, so that it is made once. */
TM_INLINE ints dot4(ints sum, quads u, quads s) {
    int32x4_t sums[4];
    int8x16_t us[4], ss[4];
    quads moved = u ^ (uint8_t)0x80;
    memcpy(sums, &sum, sizeof sums);
    memcpy(us, &moved, sizeof us);
    memcpy(ss, &s, sizeof ss);
    UNROLL for (int i = 0; i < 4; i++) {
        int32x4_t missing = vdotq_s32(vdupq_n_s32(0), vdupq_n_s8(-128), ss[i]);
        sums[i] = vdotq_s32(sums[i], us[i], ss[i]) - missing;
    }
    return LOAD(ints, sums);
}

#include "attention.h"

#pragma clang attribute pop

const tm_attention_kernels tm_neon_attention = TM_ATTENTION_TABLE;

#else
typedef int tm_no_neon_attention_here;
#endif
