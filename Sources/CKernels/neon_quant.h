/* Quantised matrices with NEON, written once for both levels. A level's file includes it inside its
 * target attribute, which has dotprod, and i8mm where TM_NEON_I8MM is defined. */

#ifndef TM_NEON_QUANT_H
#define TM_NEON_QUANT_H

#include <arm_neon.h>

#include "impl.h"

/* Each loop over the tokens, rows or words of a tile, so that its arrays become registers. */
#define UNROLL _Pragma("clang loop unroll(full)")

/* A tile is half a panel times so many tokens: 16 registers of dots, 8 of activations, and 2 to 4
 * of weights fit the 32 there are. Float sums wait in memory, touched once per 32 k. */
#define QUANT_TILE 8

/* Of four lanes each: a panel. */
#define VECTORS 4

/* ---- the integers ---- */

/* Bits moved towards the top by `left` places, then masked, within each byte. */
TM_INLINE uint8x16_t masked(uint8x16_t v, int left, int mask) {
    uint8x16_t moved = left >= 0 ? v << (uint8_t)left : v >> (uint8_t)-left;
    return moved & (uint8_t)mask;
}

/* The integers of elements 4 j to 4 j + 3 of four rows; their planes begin at `at`. */
TM_INLINE uint8x16_t codes_at(int bits, const uint8_t *at, int j) {
    if (bits == 8) return vld1q_u8(at + 64 * j);
    if (bits <= 3) {
        uint8x16_t low = masked(vld1q_u8(at + 64 * (j / 4)), -2 * (j % 4), 3);
        if (bits == 2) return low;
        return low | masked(vld1q_u8(at + 128), 2 - j, 4);
    }
    uint8x16_t low = masked(vld1q_u8(at + 64 * (j / 2)), -4 * (j % 2), 15);
    if (bits == 5) return low | masked(vld1q_u8(at + 256), 4 - j, 16);
    if (bits == 6) return low | masked(vld1q_u8(at + 256 + 64 * (j / 4)), 4 - 2 * (j % 4), 48);
    return low;
}

/* The same as weights. Both instructions take signed bytes: 8 bits become signed by turning the
 * highest, books are signed, and fewer bits are too large by what `excess` says. */
TM_INLINE int8x16_t weights_at(tm_layout layout, const uint8_t *at, int j) {
    static const int8_t iq4[16] = {TM_IQ4_VALUES}, mxfp4[16] = {TM_MXFP4_VALUES};
    uint8x16_t codes = codes_at(layout.bits, at, j);
    if (layout.bits == 8) return vreinterpretq_s8_u8(codes ^ (uint8_t)0x80);
    switch (layout.book) {
    case TM_IQ4_BOOK: return vqtbl1q_s8(vld1q_s8(iq4), codes);
    case TM_MXFP4_BOOK: return vqtbl1q_s8(vld1q_s8(mxfp4), codes);
    default: return vreinterpretq_s8_u8(codes);
    }
}

TM_INLINE int32_t excess(tm_layout layout) {
    return layout.bits == 8 || layout.book != TM_NO_BOOK ? 0 : layout.bias;
}

/* Bytes of rows 4 v to 4 v + 3. */
TM_INLINE uint16x4_t four_bytes(const void *base, int v) {
    uint32_t four;
    memcpy(&four, (const uint8_t *)base + 4 * v, sizeof four);
    return vget_low_u16(vmovl_u8(vcreate_u8(four)));
}

TM_INLINE uint32x4_t bytes_at(const void *base, int v) { return vmovl_u16(four_bytes(base, v)); }

/* Where a dot starts that must not have the excess, or the rows' zeros; `sum` is that of x. */
TM_INLINE int32x4_t start_at(tm_layout layout, const uint8_t *block, int v, int32_t sum) {
    if (!layout.zeros) return vdupq_n_s32(-excess(layout) * sum);
    uint32x4_t zeros = bytes_at(block + TM_PANEL_ROWS * sizeof(float), v);
    return vmulq_n_s32(vreinterpretq_s32_u32(zeros), -sum);
}

/* ---- the scales ---- */

TM_INLINE float32x4_t halves_at(const uint16_t *base, int v) {
    return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(base + 4 * v)));
}

TM_INLINE float32x4_t float_bytes_at(const uint8_t *base, int v) {
    return vcvtq_f32_u32(bytes_at(base, v));
}

TM_INLINE float32x4_t signed_bytes_at(const int8_t *base, int v) {
    /* Each sign is at the top of its lane when the shift back repeats it. */
    uint16x4_t bytes = four_bytes(base, v) << (uint16_t)8;
    return vcvtq_f32_s32(vmovl_s16(vreinterpret_s16_u16(bytes) >> (int16_t)8));
}

/* 2^(e - 128), as tm_e8m0_half. */
TM_INLINE float32x4_t powers_at(const uint8_t *exponents, int v) {
    uint32x4_t e = bytes_at(exponents, v);
    uint32x4_t small = vshlq_u32(vdupq_n_u32(0x00200000), vreinterpretq_s32_u32(e));
    uint32x4_t normal = (e - 1u) << 23u;
    return vreinterpretq_f32_u32(vbslq_u32(vcltq_u32(e, vdupq_n_u32(2)), small, normal));
}

/* Scales of rows 4 v and up for segment `segment` of 32 k number `sub` of a block. */
TM_INLINE float32x4_t scales_at(
    tm_format format, const uint8_t *block, int sub, int segment, int v) {
    float32x4_t d = halves_at((const uint16_t *)block, v);
    int s = 2 * sub + segment;
    switch (format) {
    case TM_MXFP4: return powers_at(block, v);
    case TM_Q2_K: {
        uint32x4_t both = bytes_at(((const tm_panel_q2_k *)block)->scales[s], v);
        return d * vcvtq_f32_u32(both & 15u);
    }
    case TM_Q3_K:
    case TM_Q6_K: /* the headers are the same */
        return d * signed_bytes_at(((const tm_panel_q6_k *)block)->scales[s], v);
    case TM_Q4_K:
    case TM_Q5_K: return d * float_bytes_at(((const tm_panel_q4_k *)block)->scales[sub], v);
    case TM_IQ4_XS: return d * signed_bytes_at(((const tm_panel_iq4_xs *)block)->scales[sub], v);
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: return vld1q_f32((const float *)block + 4 * v);
    default: return d;
    }
}

/* What is added per unit of x: the min, or minus dmin * m. */
TM_INLINE float32x4_t mins_at(tm_format format, const uint8_t *block, int sub, int segment, int v) {
    switch (format) {
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        uint32x4_t m = bytes_at(panel->scales[2 * sub + segment], v) >> 4u;
        return -(halves_at(panel->dmin, v) * vcvtq_f32_u32(m));
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block;
        return -(halves_at(panel->dmin, v) * float_bytes_at(panel->mins[sub], v));
    }
    default: return halves_at(((const tm_panel_q4_1 *)block)->min, v);
    }
}

/* ---- the dots ---- */

/* Where a tile's tokens have the current 32 k. */
typedef struct {
    const int8_t *quants;
    const float *scales;
    const int16_t *sums;
    size_t blocks; /* from one token to the next, in steps of 32 k */
} tm_step;

TM_INLINE int8x16_t quants_at(tm_step x, int t, int j) {
    return vld1q_s8(x.quants + (size_t)t * x.blocks * TM_BLOCK + 4 * j);
}

/* The sum of a token's quants over a segment. */
TM_INLINE int32_t sum_at(tm_layout layout, tm_step x, int t, int segment) {
    const int16_t *sums = x.sums + 2 * (size_t)t * x.blocks;
    return layout.segments == 1 ? sums[0] + sums[1] : sums[segment];
}

/* dots[t][v] += weights 4 begin to 4 (begin + count) - 1 of four rows times token t. Each lane of
 * the product adds the four products of one row. */
TM_INLINE void add_dots(
    tm_layout layout, const uint8_t *planes, int begin, int count, int tokens, tm_step x,
    int32x4_t (*dots)[2]) {
    UNROLL for (int first = begin; first < begin + count; first += 4) {
        int32x4_t values[QUANT_TILE];
        UNROLL for (int t = 0; t < tokens; t++)
            values[t] = vreinterpretq_s32_s8(quants_at(x, t, first));
        UNROLL for (int i = 0; i < 4; i++)
            UNROLL for (int v = 0; v < 2; v++) {
                int8x16_t w = weights_at(layout, planes + 16 * v, first + i);
                UNROLL for (int t = 0; t < tokens; t++) {
                    int8x16_t four = vreinterpretq_s8_s32(vdupq_n_s32(values[t][i]));
                    dots[t][v] = vdotq_s32(dots[t][v], w, four);
                }
            }
    }
}

#if defined(TM_NEON_I8MM)

/* The low, or high, 64 bits of both. */
TM_INLINE int8x16_t both_low(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}
TM_INLINE int8x16_t both_high(int8x16_t a, int8x16_t b) {
    return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

/* The same for pairs of tokens: each product has 8 k of two tokens and two rows, and its lanes are
 * (token, row) 00, 01, 10, 11. */
TM_INLINE void add_dots_of_pairs(
    tm_layout layout, const uint8_t *planes, int begin, int count, int tokens, tm_step x,
    int32x4_t (*dots)[2]) {
    int32x4_t squares[QUANT_TILE / 2][2][2];
    UNROLL for (int t = 0; t < tokens / 2; t++)
        UNROLL for (int v = 0; v < 2; v++) squares[t][v][0] = squares[t][v][1] = vdupq_n_s32(0);
    UNROLL for (int first = begin; first < begin + count; first += 4) {
        int8x16_t values[QUANT_TILE / 2][2];
        UNROLL for (int t = 0; t < tokens / 2; t++) {
            int8x16_t a = quants_at(x, 2 * t, first), b = quants_at(x, 2 * t + 1, first);
            values[t][0] = both_low(a, b);
            values[t][1] = both_high(a, b);
        }
        UNROLL for (int i = 0; i < 2; i++)
            UNROLL for (int v = 0; v < 2; v++) {
                /* Four k of four rows twice become eight k of two rows twice. */
                int32x4_t w0 = vreinterpretq_s32_s8(
                    weights_at(layout, planes + 16 * v, first + 2 * i));
                int32x4_t w1 = vreinterpretq_s32_s8(
                    weights_at(layout, planes + 16 * v, first + 2 * i + 1));
                int8x16_t upper = vreinterpretq_s8_s32(vzip1q_s32(w0, w1));
                int8x16_t lower = vreinterpretq_s8_s32(vzip2q_s32(w0, w1));
                UNROLL for (int t = 0; t < tokens / 2; t++) {
                    int32x4_t *square = squares[t][v];
                    square[0] = vmmlaq_s32(square[0], values[t][i], upper);
                    square[1] = vmmlaq_s32(square[1], values[t][i], lower);
                }
            }
    }
    UNROLL for (int t = 0; t < tokens / 2; t++)
        UNROLL for (int v = 0; v < 2; v++) {
            int8x16_t upper = vreinterpretq_s8_s32(squares[t][v][0]);
            int8x16_t lower = vreinterpretq_s8_s32(squares[t][v][1]);
            dots[2 * t][v] += vreinterpretq_s32_s8(both_low(upper, lower));
            dots[2 * t + 1][v] += vreinterpretq_s32_s8(both_high(upper, lower));
        }
}

#endif

/* ---- the tile ---- */

/* One step of 32 k for 8 rows (16 / 2, half `half`): parts take it as tm_matmul_fn says, beginning
 * with zero, which gives the same sums as beginning with a product. */
TM_INLINE void step8(
    tm_format format, const uint8_t *block, int sub, int half, int tokens, tm_step x,
    float32x4_t (*parts)[VECTORS]) {
    tm_layout layout = tm_layout_of(format);
    const uint8_t *planes = block + layout.header + (size_t)sub * 64 * (size_t)layout.bits;
    int count = 8 / layout.segments;
    UNROLL for (int s = 0; s < layout.segments; s++) {
        int32x4_t dots[QUANT_TILE][2];
        UNROLL for (int t = 0; t < tokens; t++)
            UNROLL for (int v = 0; v < 2; v++)
                dots[t][v] = start_at(layout, block, 2 * half + v, sum_at(layout, x, t, s));
#if defined(TM_NEON_I8MM)
        if (tokens > 1)
            add_dots_of_pairs(layout, planes + 32 * half, s * count, count, tokens, x, dots);
        else
#endif
            add_dots(layout, planes + 32 * half, s * count, count, tokens, x, dots);
        UNROLL for (int v = 0; v < 2; v++) {
            float32x4_t scale = scales_at(format, block, sub, s, 2 * half + v);
            float32x4_t min = layout.mins ? mins_at(format, block, sub, s, 2 * half + v) : scale;
            UNROLL for (int t = 0; t < tokens; t++) {
                float32x4_t *part = &parts[t][2 * half + v];
                *part = vfmaq_f32(*part, scale, vcvtq_f32_s32(dots[t][v]));
                if (layout.mins) *part = vfmaq_n_f32(*part, min, (float)sum_at(layout, x, t, s));
            }
        }
    }
}

TM_INLINE void clear(float32x4_t (*sums)[VECTORS], int tokens) {
    UNROLL for (int t = 0; t < tokens; t++)
        UNROLL for (int v = 0; v < VECTORS; v++) sums[t][v] = vdupq_n_f32(0);
}

TM_INLINE void store(
    float32x4_t (*sums)[VECTORS], int tokens, float *y, size_t y_stride, int32_t add) {
    UNROLL for (int t = 0; t < tokens; t++)
        UNROLL for (int v = 0; v < VECTORS; v++) {
            float *out = y + (size_t)t * y_stride + 4 * v;
            vst1q_f32(out, add ? vaddq_f32(vld1q_f32(out), sums[t][v]) : sums[t][v]);
        }
}

/* One panel times `tokens` tokens. */
TM_INLINE void quant_tile(
    tm_format format, const uint8_t *panel, const tm_activations *x, int32_t first, int tokens,
    float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t blocks = (size_t)x->k / TM_BLOCK, at = (size_t)first * blocks;
    size_t subs = (size_t)layout.width / TM_BLOCK, group = TM_X_GROUP / TM_BLOCK;
    tm_step step = {x->quants + at * TM_BLOCK, x->scales + at, x->sums + 2 * at, blocks};
    float32x4_t sums[QUANT_TILE][VECTORS], parts[QUANT_TILE][VECTORS];
    clear(sums, tokens);
    for (size_t b = 0; b < blocks; b++) {
        const uint8_t *block = panel + b / subs * (size_t)layout.bytes;
        if (b % group == 0) clear(parts, tokens);
        for (int half = 0; half < 2; half++)
            step8(format, block, (int)(b % subs), half, tokens, step, parts);
        if (b % group == group - 1 || b == blocks - 1)
            UNROLL for (int t = 0; t < tokens; t++)
                UNROLL for (int v = 0; v < VECTORS; v++)
                    sums[t][v] = vfmaq_n_f32(
                        sums[t][v], parts[t][v], step.scales[(size_t)t * blocks]);
        step.quants += TM_BLOCK;
        step.scales += 1;
        step.sums += 2;
    }
    store(sums, tokens, y + (size_t)first * y_stride, y_stride, add);
}

#define TILES(count)                                                                            \
    for (; t + count <= x->tokens; t += count)                                                  \
        quant_tile(format, panel, x, t, count, out, y_stride, add);
TM_INLINE void matmul_quant(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin; p < panel_end; p++) {
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        TILES(QUANT_TILE)
        TILES(4)
        TILES(2)
        TILES(1)
    }
}
#undef TILES

#endif
