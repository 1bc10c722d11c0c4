/* NEON for quantised matrices. Included once for each instruction set, which TM_NEON_TARGET names
 * and whose functions are called TM_NEON_NAME(format); with TM_NEON_PAIRS it has i8mm. */

#include <arm_neon.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target(TM_NEON_TARGET))), apply_to = function)

#define INLINE TM_INLINE

/* A tile is one panel times so many tokens. */
#define TILE 4
/* Registers of a panel's rows. */
#define QUADS 4

INLINE void store16(const float32x4_t sums[QUADS], float *y, int32_t add) {
    for (int q = 0; q < QUADS; q++) {
        float32x4_t sum = sums[q];
        if (add) sum = vaddq_f32(vld1q_f32(y + 4 * q), sum);
        vst1q_f32(y + 4 * q, sum);
    }
}

INLINE float32x4_t halves_at(const void *base, int quad) {
    uint16x4_t bits = vld1_u16((const uint16_t *)base + 4 * quad);
    return vcvt_f32_f16(vreinterpret_f16_u16(bits));
}

/* ---- quantised matrices: the integers ---- */

INLINE uint8x16_t shifted(uint8x16_t v, int left) {
    return vshlq_u8(v, vdupq_n_s8((int8_t)left));
}

INLINE uint8x16_t masked(uint8x16_t v, int left, int mask) {
    return vandq_u8(shifted(v, left), vdupq_n_u8((uint8_t)mask));
}

/* The integers of elements 4 j to 4 j + 3 of a quad of rows. */
INLINE uint8x16_t codes_at(int bits, const uint8_t *planes, int quad, int j) {
    const uint8_t *at = planes + 16 * quad;
    if (bits == 8) return vld1q_u8(at + 64 * j);
    if (bits <= 3) {
        uint8x16_t low = masked(vld1q_u8(at + 64 * (j / 4)), -2 * (j % 4), 3);
        if (bits == 2) return low;
        return vorrq_u8(low, masked(vld1q_u8(at + 128), 2 - j, 4));
    }
    uint8x16_t low = masked(vld1q_u8(at + 64 * (j / 2)), -4 * (j % 2), 15);
    if (bits == 5) return vorrq_u8(low, masked(vld1q_u8(at + 256), 4 - j, 16));
    if (bits == 6)
        return vorrq_u8(low, masked(vld1q_u8(at + 256 + 64 * (j / 4)), 4 - 2 * (j % 4), 48));
    return low;
}

/* Whether weights enter the products with their sign; the others are too large by the bias. */
INLINE int is_signed(tm_layout layout) { return layout.bits == 8 || layout.book != TM_NO_BOOK; }

INLINE int8x16_t weights_at(tm_layout layout, const uint8_t *planes, int quad, int j) {
    static const int8_t iq4[16] = {TM_IQ4_VALUES}, mxfp4[16] = {TM_MXFP4_VALUES};
    uint8x16_t codes = codes_at(layout.bits, planes, quad, j);
    if (layout.book == TM_IQ4_BOOK) return vqtbl1q_s8(vld1q_s8(iq4), codes);
    if (layout.book == TM_MXFP4_BOOK) return vqtbl1q_s8(vld1q_s8(mxfp4), codes);
    if (layout.bits == 8) codes = veorq_u8(codes, vdupq_n_u8(0x80));
    return vreinterpretq_s8_u8(codes);
}

/* A quad of bytes as integers. */
INLINE uint32x4_t bytes_at(const void *base, int quad) {
    uint32_t four;
    memcpy(&four, (const uint8_t *)base + 4 * quad, sizeof four);
    uint16x8_t wide = vmovl_u8(vreinterpret_u8_u32(vdup_n_u32(four)));
    return vmovl_u16(vget_low_u16(wide));
}

INLINE float32x4_t signed_bytes_at(const void *base, int quad) {
    uint32_t four;
    memcpy(&four, (const uint8_t *)base + 4 * quad, sizeof four);
    int16x8_t wide = vmovl_s8(vreinterpret_s8_u32(vdup_n_u32(four)));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide)));
}

/* What undoes the bias of a sum of x. */
INLINE int32x4_t bias_at(tm_layout layout, const uint8_t *block, int quad, int32_t x_sum) {
    if (is_signed(layout) || layout.mins) return vdupq_n_s32(0);
    if (!layout.zeros) return vdupq_n_s32(-layout.bias * x_sum);
    uint32x4_t zero = bytes_at(block + TM_PANEL_ROWS * sizeof(float), quad);
    return vmulq_n_s32(vreinterpretq_s32_u32(zero), -x_sum);
}

/* ---- the scales ---- */

/* 2^(e - 128), as tm_e8m0_half. */
INLINE float32x4_t powers_at(const uint8_t *exponents, int quad) {
    uint32x4_t e = bytes_at(exponents, quad);
    uint32x4_t small = vshlq_u32(vdupq_n_u32(0x00200000), vreinterpretq_s32_u32(e));
    uint32x4_t normal = vshlq_n_u32(vsubq_u32(e, vdupq_n_u32(1)), 23);
    return vreinterpretq_f32_u32(vbslq_u32(vcltq_u32(e, vdupq_n_u32(2)), small, normal));
}

/* Scales of a quad for segment `segment` of 32 k number `sub` of a block. */
INLINE float32x4_t scales_at(
    tm_format format, const uint8_t *block, int sub, int segment, int quad) {
    int s = 2 * sub + segment;
    switch (format) {
    case TM_MXFP4: return powers_at(block, quad);
    case TM_Q2_K: {
        uint32x4_t both = bytes_at(((const tm_panel_q2_k *)block)->scales[s], quad);
        uint32x4_t scale = vandq_u32(both, vdupq_n_u32(15));
        return vmulq_f32(halves_at(block, quad), vcvtq_f32_u32(scale));
    }
    case TM_Q3_K:
    case TM_Q6_K: /* the headers are the same */
        return vmulq_f32(
            halves_at(block, quad),
            signed_bytes_at(((const tm_panel_q6_k *)block)->scales[s], quad));
    case TM_Q4_K:
    case TM_Q5_K: {
        uint32x4_t scale = bytes_at(((const tm_panel_q4_k *)block)->scales[sub], quad);
        return vmulq_f32(halves_at(block, quad), vcvtq_f32_u32(scale));
    }
    case TM_IQ4_XS:
        return vmulq_f32(
            halves_at(block, quad),
            signed_bytes_at(((const tm_panel_iq4_xs *)block)->scales[sub], quad));
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: return vld1q_f32((const float *)block + 4 * quad);
    default: return halves_at(block, quad);
    }
}

/* What is added per unit of x: the min, or minus dmin * m. */
INLINE float32x4_t mins_at(tm_format format, const uint8_t *block, int sub, int segment, int quad) {
    switch (format) {
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        uint32x4_t m = vshrq_n_u32(bytes_at(panel->scales[2 * sub + segment], quad), 4);
        return vnegq_f32(vmulq_f32(halves_at(panel->dmin, quad), vcvtq_f32_u32(m)));
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block;
        uint32x4_t m = bytes_at(panel->mins[sub], quad);
        return vnegq_f32(vmulq_f32(halves_at(panel->dmin, quad), vcvtq_f32_u32(m)));
    }
    default: return halves_at(((const tm_panel_q4_1 *)block)->min, quad);
    }
}

/* ---- the tile ---- */

/* Where a tile's tokens have the current 32 k, and which of a panel's 32 k those are. */
typedef struct {
    const uint8_t *block;
    int sub;
    const int8_t *quants;
    const int16_t *sums;
    size_t blocks; /* from one token to the next, in steps of 32 k */
} tm_step;

INLINE const int8_t *quants_of(tm_step step, int t) {
    return step.quants + (size_t)t * step.blocks * TM_BLOCK;
}

/* The sum of x over a segment. */
INLINE int32_t sum_of(tm_layout layout, tm_step step, int t, int segment) {
    const int16_t *sums = step.sums + 2 * (size_t)t * step.blocks;
    return layout.segments == 1 ? sums[0] + sums[1] : sums[segment];
}

/* dots += elements 4 begin to 4 (begin + 4) - 1, that is, 16 k. */
INLINE void add_dots(
    tm_layout layout, const uint8_t *planes, int quad, int begin, int tokens, tm_step step,
    int32x4_t *dots) {
    int8x16_t w[4];
    _Pragma("unroll") for (int i = 0; i < 4; i++)
        w[i] = weights_at(layout, planes, quad, begin + i);
    _Pragma("unroll") for (int t = 0; t < tokens; t++) {
        int8x16_t x = vld1q_s8(quants_of(step, t) + 4 * begin);
        dots[t] = vdotq_laneq_s32(dots[t], w[0], x, 0);
        dots[t] = vdotq_laneq_s32(dots[t], w[1], x, 1);
        dots[t] = vdotq_laneq_s32(dots[t], w[2], x, 2);
        dots[t] = vdotq_laneq_s32(dots[t], w[3], x, 3);
    }
}

#ifdef TM_NEON_PAIRS
/* The same for an even number of tokens. */
INLINE void add_pairs(
    tm_layout layout, const uint8_t *planes, int quad, int begin, int tokens, tm_step step,
    int32x4_t *dots) {
    int8x16_t low[2], high[2]; /* 8 k each of the first two rows, and of the others */
    _Pragma("unroll") for (int i = 0; i < 2; i++) {
        int32x4_t a = vreinterpretq_s32_s8(weights_at(layout, planes, quad, begin + 2 * i));
        int32x4_t b = vreinterpretq_s32_s8(weights_at(layout, planes, quad, begin + 2 * i + 1));
        low[i] = vreinterpretq_s8_s32(vzip1q_s32(a, b));
        high[i] = vreinterpretq_s8_s32(vzip2q_s32(a, b));
    }
    _Pragma("unroll") for (int t = 0; t < tokens; t += 2) {
        /* Row 0 with both tokens, row 1 with both. */
        int32x4_t first = vzip1q_s32(dots[t], dots[t + 1]);
        int32x4_t second = vzip2q_s32(dots[t], dots[t + 1]);
        int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(quants_of(step, t) + 4 * begin));
        int64x2_t b = vreinterpretq_s64_s8(vld1q_s8(quants_of(step, t + 1) + 4 * begin));
        int8x16_t x[2] = {
            vreinterpretq_s8_s64(vzip1q_s64(a, b)), vreinterpretq_s8_s64(vzip2q_s64(a, b))};
        _Pragma("unroll") for (int i = 0; i < 2; i++) {
            first = vmmlaq_s32(first, low[i], x[i]);
            second = vmmlaq_s32(second, high[i], x[i]);
        }
        dots[t] = vuzp1q_s32(first, second);
        dots[t + 1] = vuzp2q_s32(first, second);
    }
}

#endif

INLINE void add_16(
    tm_layout layout, const uint8_t *planes, int quad, int begin, int tokens, tm_step step,
    int32x4_t *dots) {
#ifdef TM_NEON_PAIRS
    if (tokens % 2 == 0) return add_pairs(layout, planes, quad, begin, tokens, step, dots);
#endif
    add_dots(layout, planes, quad, begin, tokens, step, dots);
}

/* One step of 32 k for a quad of rows: parts take it as tm_matmul_fn says; `is_first` of its group
 * of x. */
INLINE void add_step(
    tm_format format, tm_step step, int quad, int tokens, int is_first,
    float32x4_t (*parts)[QUADS]) {
    tm_layout layout = tm_layout_of(format);
    const uint8_t *planes =
        step.block + layout.header + (size_t)step.sub * 64 * (size_t)layout.bits;
    int32x4_t dots[TILE];
    _Pragma("unroll") for (int s = 0; s < 2; s++) {
        int segment = layout.segments == 1 ? 0 : s;
        int begins = s == 0 || layout.segments == 2, ends = s == 1 || layout.segments == 2;
        if (begins)
            _Pragma("unroll") for (int t = 0; t < tokens; t++)
                dots[t] = bias_at(layout, step.block, quad, sum_of(layout, step, t, segment));
        add_16(layout, planes, quad, 4 * s, tokens, step, dots);
        if (!ends) continue;
        float32x4_t scale = scales_at(format, step.block, step.sub, segment, quad);
        _Pragma("unroll") for (int t = 0; t < tokens; t++) {
            float32x4_t dot = vcvtq_f32_s32(dots[t]), *part = &parts[t][quad];
            *part = is_first && segment == 0 ? vmulq_f32(scale, dot) : vfmaq_f32(*part, scale, dot);
            if (!layout.mins) continue;
            float32x4_t min = mins_at(format, step.block, step.sub, segment, quad);
            *part = vfmaq_n_f32(*part, min, (float)sum_of(layout, step, t, segment));
        }
    }
}

INLINE void quant_tile(
    tm_format format, const uint8_t *panel, const tm_activations *x, int32_t first,
    int tokens, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    int subs = layout.width / TM_BLOCK;
    int32_t blocks = x->k / TM_BLOCK, group = TM_X_GROUP / TM_BLOCK;
    size_t at = (size_t)first * (size_t)blocks;
    float32x4_t sums[TILE][QUADS], parts[TILE][QUADS];
    for (int t = 0; t < tokens; t++)
        for (int q = 0; q < QUADS; q++) sums[t][q] = parts[t][q] = vdupq_n_f32(0);
    for (int32_t b = 0; b < blocks; b++) {
        tm_step step = {
            panel + (size_t)(b / subs) * (size_t)layout.bytes, b % subs,
            x->quants + (at + (size_t)b) * TM_BLOCK, x->sums + 2 * (at + (size_t)b),
            (size_t)blocks};
        for (int q = 0; q < QUADS; q++)
            add_step(format, step, q, tokens, b % group == 0, parts);
        if (b % group != group - 1 && b != blocks - 1) continue;
        for (int t = 0; t < tokens; t++) {
            float scale = x->scales[at + (size_t)t * (size_t)blocks + (size_t)b];
            for (int q = 0; q < QUADS; q++)
                sums[t][q] = vfmaq_n_f32(sums[t][q], parts[t][q], scale);
        }
    }
    for (int t = 0; t < tokens; t++) store16(sums[t], y + (size_t)(first + t) * y_stride, add);
}

/* ---- whole matrices ---- */

#define ARGUMENTS                                                                               \
    const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,        \
        float *y, size_t y_stride, int32_t add

/* Calls `tile` for every panel and all tokens. */
#define EACH_TILE(tile, size) for (; t + size <= x->tokens; t += size) tile;
#define EACH_PANEL(NAME, ...)                                                                   \
    size_t bytes = tm_panel_bytes(TM_##NAME, x->k);                                             \
    for (int32_t p = panel_begin; p < panel_end; p++) {                                         \
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;                     \
        float *out = y + (size_t)p * TM_PANEL_ROWS;                                             \
        int32_t t = 0;                                                                          \
        __VA_ARGS__                                                                             \
    }

#define QUANT_TILE(NAME, size)                                                                  \
    EACH_TILE(quant_tile(TM_##NAME, panel, x, t, size, out, y_stride, add), size)
#define MATMUL_QUANT(name, NAME)                                                                \
    void TM_NEON_NAME(name)(ARGUMENTS) {                                                        \
        EACH_PANEL(NAME, QUANT_TILE(NAME, 4) QUANT_TILE(NAME, 2) QUANT_TILE(NAME, 1))           \
    }
TM_QUANT_FORMATS(MATMUL_QUANT)

#pragma clang attribute pop
