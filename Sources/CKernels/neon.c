/* NEON with dot products: 128-bit registers hold one k of four rows of floats, or 4 k of bytes. */

#if defined(__aarch64__)

#define TM_NEON_TARGET "dotprod"
#define TM_NEON_NAME(format) tm_neon_##format
#include "neon_quant.h"

#pragma clang attribute push(__attribute__((target(TM_NEON_TARGET))), apply_to = function)

/* ---- float matrices ---- */

/* Rows 4 quad to 4 quad + 3 of column k. */
INLINE float32x4_t column_at(tm_format format, const void *panel, int32_t k, int quad) {
    size_t at = (size_t)k * TM_PANEL_ROWS + 4 * (size_t)quad;
    switch (format) {
    case TM_F32: return vld1q_f32((const float *)panel + at);
    case TM_F16: return halves_at((const uint16_t *)panel + (size_t)k * TM_PANEL_ROWS, quad);
    case TM_BF16: {
        const uint16_t *pairs = (const uint16_t *)panel + tm_bf16_at(k, 4 * quad) - k % 2;
        uint32x4_t pair = vreinterpretq_u32_u16(vld1q_u16(pairs));
        pair = k % 2 ? vandq_u32(pair, vdupq_n_u32(0xFFFF0000)) : vshlq_n_u32(pair, 16);
        return vreinterpretq_f32_u32(pair);
    }
    default: {
        const tm_panel_f8g128 *group = tm_f8_group(panel, k);
        uint32_t four;
        memcpy(&four, group->codes[k % 128] + 4 * quad, sizeof four);
        /* tm_e4m3_half: sign and magnitude one bit apart, where the sign was extended to. */
        int8x8_t codes = vreinterpret_s8_u32(vdup_n_u32(four));
        int16x4_t halves = vshl_n_s16(vget_low_s16(vmovl_s8(codes)), 7);
        halves = vand_s16(halves, vdup_n_s16((int16_t)0xBF80));
        float32x4_t values = vcvt_f32_f16(vreinterpret_f16_s16(halves));
        return vmulq_f32(vmulq_n_f32(values, 256), vld1q_f32(group->scale + 4 * quad));
    }
    }
}

INLINE void float_tile(
    tm_format format, const void *panel, const tm_activations *x, int32_t first, int tokens,
    float *y, size_t y_stride, int32_t add) {
    const float *values = x->values + (size_t)first * x->value_stride;
    float32x4_t sums[TILE][QUADS];
    for (int t = 0; t < tokens; t++)
        for (int q = 0; q < QUADS; q++) sums[t][q] = vdupq_n_f32(0);
    for (int32_t k = 0; k < x->k; k++)
        _Pragma("unroll") for (int q = 0; q < QUADS; q++) {
            float32x4_t w = column_at(format, panel, k, q);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                float value = values[(size_t)t * x->value_stride + (size_t)k];
                sums[t][q] = vfmaq_n_f32(sums[t][q], w, value);
            }
        }
    for (int t = 0; t < tokens; t++) store16(sums[t], y + (size_t)(first + t) * y_stride, add);
}

#define MATMUL_FLOAT(name, NAME)                                                                \
    void tm_neon_##name(ARGUMENTS) {                                                            \
        EACH_PANEL(                                                                             \
            NAME, EACH_TILE(float_tile(TM_##NAME, panel, x, t, 4, out, y_stride, add), 4)       \
                EACH_TILE(float_tile(TM_##NAME, panel, x, t, 1, out, y_stride, add), 1))        \
    }
TM_FLOAT_FORMATS(MATMUL_FLOAT)

/* ---- what the machine can do ---- */

double tm_neon_probe_int8(int64_t rounds, int32_t *sink) {
    int32x4_t sums[12];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
    for (int i = 0; i < 12; i++) sums[i] = vdupq_n_s32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++) sums[i] = vdotq_s32(sums[i], a, b);
    }
    for (int i = 0; i < 12; i++) *sink += vaddvq_s32(sums[i]);
    return (double)rounds * 12 * 32;
}

double tm_neon_probe_f32(int64_t rounds, float *sink) {
    float32x4_t sums[12], a = vdupq_n_f32(1), b = vdupq_n_f32(1e-9f);
    for (int i = 0; i < 12; i++) sums[i] = vdupq_n_f32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++) sums[i] = vfmaq_f32(sums[i], a, b);
    }
    for (int i = 0; i < 12; i++) *sink += vaddvq_f32(sums[i]);
    return (double)rounds * 12 * 8;
}

#pragma clang attribute pop

#else
typedef int tm_no_neon_here;
#endif
