/* NEON with i8mm: smmla multiplies 8 k of two rows with two tokens, twice what sdot does. */

#if defined(__aarch64__)

#include <arm_neon.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)

#define TM_NEON_I8MM
#include "neon_quant.h"

#define MATMUL(name, NAME)                                                                      \
    void tm_i8mm_##name(                                                                        \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_quant(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);           \
    }
TM_QUANT_FORMATS(MATMUL)

double tm_i8mm_probe_int8(int64_t rounds, int32_t *sink) {
    int32x4_t sums[16];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
    UNROLL for (int i = 0; i < 16; i++) sums[i] = vdupq_n_s32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        UNROLL for (int i = 0; i < 16; i++) sums[i] = vmmlaq_s32(sums[i], a, b);
    }
    UNROLL for (int i = 1; i < 16; i++) sums[0] += sums[i];
    *sink += vaddvq_s32(sums[0]);
    return (double)rounds * 16 * 64;
}

#pragma clang attribute pop

#else
typedef int tm_no_i8mm_here;
#endif
