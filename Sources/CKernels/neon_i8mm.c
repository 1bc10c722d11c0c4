/* NEON with i8mm, whose instructions multiply 8 k of two rows with 8 k of two tokens. */

#if defined(__aarch64__)

#define TM_NEON_TARGET "dotprod,i8mm"
#define TM_NEON_NAME(format) tm_neon_i8mm_##format
#define TM_NEON_PAIRS
#include "neon_quant.h"

#pragma clang attribute push(__attribute__((target(TM_NEON_TARGET))), apply_to = function)

double tm_neon_i8mm_probe_int8(int64_t rounds, int32_t *sink) {
    int32x4_t sums[12];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
    for (int i = 0; i < 12; i++) sums[i] = vdupq_n_s32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++) sums[i] = vmmlaq_s32(sums[i], a, b);
    }
    for (int i = 0; i < 12; i++) *sink += vaddvq_s32(sums[i]);
    return (double)rounds * 12 * 64;
}

#pragma clang attribute pop

#else
typedef int tm_no_neon_i8mm_here;
#endif
