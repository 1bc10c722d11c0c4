/* Attention with NEON and i8mm, which has a dot product of unsigned and signed bytes. */

#if defined(__aarch64__)

#include <arm_neon.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#include "attention_lanes.h"

#define FLOAT_ROWS 2
#define INT8_ROWS 2
#define PIN(value)

TM_INLINE ints dot4(ints sum, quads u, quads s) {
    int32x4_t sums[4];
    uint8x16_t us[4];
    int8x16_t ss[4];
    memcpy(sums, &sum, sizeof sums);
    memcpy(us, &u, sizeof us);
    memcpy(ss, &s, sizeof ss);
    UNROLL for (int i = 0; i < 4; i++) sums[i] = vusdotq_s32(sums[i], us[i], ss[i]);
    return LOAD(ints, sums);
}

#include "attention.h"

#pragma clang attribute pop

const tm_attention_kernels tm_i8mm_attention = TM_ATTENTION_TABLE;

#else
typedef int tm_no_i8mm_attention_here;
#endif
