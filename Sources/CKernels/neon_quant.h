/* Quantised matrices with NEON, written once for both levels. A level's file includes it inside its
 * target attribute, which has dotprod, and i8mm where TM_NEON_I8MM is defined. */

#ifndef TM_NEON_QUANT_H
#define TM_NEON_QUANT_H

#include <arm_neon.h>

#include "impl.h"

/* Each loop over the tokens, rows or words of a tile, so that its arrays become registers. */
#define UNROLL _Pragma("clang loop unroll(full)")

/* A tile is half a panel at a time times so many tokens: 16 registers of dots, 4 or 8 of
 * activations, and a few of weights fit the 32 there are. Float sums wait in memory. */
#define QUANT_TILE 8

/* Keeps 16 k in a register, of which sdot picks four: each would be loaded on its own. */
#define PIN(value) __asm__("" : "+w"(value))

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

/* ---- columns ---- */

/* A column is what a lane's row is multiplied with: one token, or two in turn (`pairs`), because
 * smmla has the products of two rows and two tokens in one register:
 *     lane        0             1             2             3
 *     one token   row 0         row 1         row 2         row 3
 *     pairs       row 0, x 0    row 1, x 0    row 0, x 1    row 1, x 1
 * Half a panel is then 2 or 4 registers a column, called groups of rows. */
#define GROUPS(pairs) ((pairs) ? 4 : 2)
#define COLUMNS(pairs, tokens) ((pairs) ? (tokens) / 2 : (tokens))

/* The low, or high, 64 bits of both. */
TM_INLINE int64x2_t both_low(int64x2_t a, int64x2_t b) { return vzip1q_s64(a, b); }
TM_INLINE int64x2_t both_high(int64x2_t a, int64x2_t b) { return vzip2q_s64(a, b); }

/* A group's lanes of what four rows have; `group` counts within half a panel, as `four` does. */
TM_INLINE int64x2_t rows_of(int pairs, int64x2_t four, int group) {
    if (!pairs) return four;
    return group % 2 == 0 ? both_low(four, four) : both_high(four, four);
}
TM_INLINE float32x4_t float_rows(int pairs, float32x4_t four, int group) {
    return vreinterpretq_f32_s64(rows_of(pairs, vreinterpretq_s64_f32(four), group));
}
TM_INLINE int32x4_t int_rows(int pairs, int32x4_t four, int group) {
    return vreinterpretq_s32_s64(rows_of(pairs, vreinterpretq_s64_s32(four), group));
}

/* 32 k of a tile's activations, made ready once for all rows. */
typedef struct {
    /* One token: 16 k each in the first two. Pairs: 8 k of one and of the other. */
    int8x16_t quants[QUANT_TILE][4];
    /* By segment: where a dot starts that must not have the excess; of formats with zeros, what
     * these are multiplied with. */
    int32x4_t starts[2][QUANT_TILE];
    float32x4_t sums[2][QUANT_TILE];
} tm_columns;

/* Where a tile's tokens have the current 32 k. */
typedef struct {
    const int8_t *quants;
    const float *scales;
    const int16_t *sums;
    size_t blocks; /* from one token to the next, in steps of 32 k */
} tm_step;

/* The sum of a token's quants over a segment. */
TM_INLINE int32_t sum_at(tm_layout layout, tm_step x, int t, int segment) {
    const int16_t *sums = x.sums + 2 * (size_t)t * x.blocks;
    return layout.segments == 1 ? sums[0] + sums[1] : sums[segment];
}

TM_INLINE void load_quants(int pairs, tm_step x, int column, int8x16_t out[4]) {
    size_t stride = x.blocks * TM_BLOCK;
    const int8_t *first = x.quants + (size_t)column * stride * (pairs ? 2 : 1);
    UNROLL for (int i = 0; i < 2; i++) {
        if (!pairs) {
            out[i] = vld1q_s8(first + 16 * i);
            continue;
        }
        int64x2_t a = vreinterpretq_s64_s8(vld1q_s8(first + 16 * i));
        int64x2_t b = vreinterpretq_s64_s8(vld1q_s8(first + stride + 16 * i));
        out[2 * i] = vreinterpretq_s8_s64(both_low(a, b));
        out[2 * i + 1] = vreinterpretq_s8_s64(both_high(a, b));
    }
}

TM_INLINE void load_columns(
    tm_layout layout, int pairs, int tokens, tm_step x, tm_columns *out) {
    UNROLL for (int c = 0; c < COLUMNS(pairs, tokens); c++) {
        load_quants(pairs, x, c, out->quants[c]);
        UNROLL for (int s = 0; s < layout.segments; s++) {
            int32_t a = sum_at(layout, x, pairs ? 2 * c : c, s);
            int32_t b = pairs ? sum_at(layout, x, 2 * c + 1, s) : a;
            int32x4_t sums = vcombine_s32(vdup_n_s32(a), vdup_n_s32(b));
            out->starts[s][c] = sums * (layout.zeros ? -1 : -excess(layout));
            out->sums[s][c] = vcvtq_f32_s32(sums);
        }
    }
}

/* x scales of a column. */
TM_INLINE float32x4_t scales_of(int pairs, tm_step x, int column) {
    const float *first = x.scales + (size_t)column * x.blocks * (pairs ? 2 : 1);
    return vcombine_f32(vdup_n_f32(*first), vdup_n_f32(pairs ? first[x.blocks] : *first));
}

/* ---- the dots ---- */

/* dots[column][group] += weights 4 begin to 4 (begin + count) - 1 of 8 rows times the columns. */
TM_INLINE void add_dots(
    tm_layout layout, int pairs, const uint8_t *planes, int begin, int count, int tokens,
    const tm_columns *x, int32x4_t (*dots)[4]) {
    if (!pairs) {
        UNROLL for (int first = begin; first < begin + count; first += 4) {
            int32x4_t values[QUANT_TILE];
            UNROLL for (int t = 0; t < tokens; t++) {
                values[t] = vreinterpretq_s32_s8(x->quants[t][first / 4]);
                PIN(values[t]);
            }
            UNROLL for (int i = 0; i < 4; i++)
                UNROLL for (int g = 0; g < 2; g++) {
                    int8x16_t w = weights_at(layout, planes + 16 * g, first + i);
                    UNROLL for (int t = 0; t < tokens; t++) {
                        int8x16_t four = vreinterpretq_s8_s32(vdupq_n_s32(values[t][i]));
                        dots[t][g] = vdotq_s32(dots[t][g], w, four);
                    }
                }
        }
        return;
    }
#if defined(TM_NEON_I8MM)
    UNROLL for (int j = begin; j < begin + count; j += 2)
        UNROLL for (int v = 0; v < 2; v++) {
            /* Four k of four rows twice become eight k of two rows twice. */
            int32x4_t w0 = vreinterpretq_s32_s8(weights_at(layout, planes + 16 * v, j));
            int32x4_t w1 = vreinterpretq_s32_s8(weights_at(layout, planes + 16 * v, j + 1));
            int8x16_t first = vreinterpretq_s8_s32(vzip1q_s32(w0, w1));
            int8x16_t second = vreinterpretq_s8_s32(vzip2q_s32(w0, w1));
            UNROLL for (int c = 0; c < tokens / 2; c++) {
                int8x16_t values = x->quants[c][j / 2];
                dots[c][2 * v] = vmmlaq_s32(dots[c][2 * v], values, first);
                dots[c][2 * v + 1] = vmmlaq_s32(dots[c][2 * v + 1], values, second);
            }
        }
#endif
}

/* ---- the tile ---- */

/* One step of 32 k for 8 rows (16 / 2, half `half`): parts take it as tm_matmul_fn says, beginning
 * with zero, which gives the same sums as beginning with a product. */
TM_INLINE void step8(
    tm_format format, int pairs, const uint8_t *block, int sub, int half, int tokens,
    const tm_columns *x, float32x4_t (*parts)[4]) {
    tm_layout layout = tm_layout_of(format);
    const uint8_t *planes = block + layout.header + (size_t)sub * 64 * (size_t)layout.bits;
    int count = 8 / layout.segments, columns = COLUMNS(pairs, tokens);
    UNROLL for (int s = 0; s < layout.segments; s++) {
        int32x4_t dots[QUANT_TILE][4];
        UNROLL for (int g = 0; g < GROUPS(pairs); g++) {
            int v = 2 * half + (pairs ? g / 2 : g);
            int32x4_t zeros = vdupq_n_s32(1);
            if (layout.zeros)
                zeros = vreinterpretq_s32_u32(bytes_at(block + TM_PANEL_ROWS * sizeof(float), v));
            UNROLL for (int c = 0; c < columns; c++)
                dots[c][g] = int_rows(pairs, zeros, g) * x->starts[s][c];
        }
        add_dots(layout, pairs, planes + 32 * half, s * count, count, tokens, x, dots);
        UNROLL for (int g = 0; g < GROUPS(pairs); g++) {
            int v = 2 * half + (pairs ? g / 2 : g);
            float32x4_t scale = float_rows(pairs, scales_at(format, block, sub, s, v), g), min;
            if (layout.mins) min = float_rows(pairs, mins_at(format, block, sub, s, v), g);
            UNROLL for (int c = 0; c < columns; c++) {
                float32x4_t part = vfmaq_f32(parts[c][g], scale, vcvtq_f32_s32(dots[c][g]));
                parts[c][g] = layout.mins ? vfmaq_f32(part, min, x->sums[s][c]) : part;
            }
        }
    }
}

/* Writes 8 rows. */
TM_INLINE void store8(
    int pairs, float32x4_t (*sums)[4], int tokens, float *y, size_t y_stride, int32_t add) {
    UNROLL for (int t = 0; t < tokens; t++)
        UNROLL for (int v = 0; v < 2; v++) {
            float *out = y + (size_t)t * y_stride + 4 * v;
            float32x4_t sum = sums[t][v];
            if (pairs) {
                int64x2_t a = vreinterpretq_s64_f32(sums[t / 2][2 * v]);
                int64x2_t b = vreinterpretq_s64_f32(sums[t / 2][2 * v + 1]);
                sum = vreinterpretq_f32_s64(t % 2 == 0 ? both_low(a, b) : both_high(a, b));
            }
            vst1q_f32(out, add ? vaddq_f32(vld1q_f32(out), sum) : sum);
        }
}

/* Panels that a tile goes through side by side: they share what load_columns makes. */
#define TILE_PANELS 4

/* `panels` panels times `tokens` tokens. */
TM_INLINE void quant_tile(
    tm_format format, int pairs, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t blocks = (size_t)x->k / TM_BLOCK, at = (size_t)first * blocks;
    size_t subs = (size_t)layout.width / TM_BLOCK, count;
    tm_step step = {x->quants + at * TM_BLOCK, x->scales + at, x->sums + 2 * at, blocks};
    float32x4_t sums[2 * TILE_PANELS][QUANT_TILE][4];
    memset(sums, 0, 2 * (size_t)panels * sizeof sums[0]);
    for (size_t b = 0; b < blocks; b += count) {
        tm_columns columns[TM_X_GROUP / TM_BLOCK];
        float32x4_t scales[QUANT_TILE];
        count = blocks - b < TM_X_GROUP / TM_BLOCK ? blocks - b : TM_X_GROUP / TM_BLOCK;
        UNROLL for (int c = 0; c < COLUMNS(pairs, tokens); c++)
            scales[c] = scales_of(pairs, step, c);
        for (size_t i = 0; i < count; i++) {
            load_columns(layout, pairs, tokens, step, columns + i);
            step.quants += TM_BLOCK;
            step.scales += 1;
            step.sums += 2;
        }
        for (int half = 0; half < 2 * panels; half++) {
            const uint8_t *own = panel + (size_t)(half / 2) * panel_bytes;
            float32x4_t parts[QUANT_TILE][4];
            UNROLL for (int c = 0; c < COLUMNS(pairs, tokens); c++)
                UNROLL for (int g = 0; g < GROUPS(pairs); g++) parts[c][g] = vdupq_n_f32(0);
            for (size_t i = b; i < b + count; i++)
                step8(
                    format, pairs, own + i / subs * (size_t)layout.bytes, (int)(i % subs), half % 2,
                    tokens, columns + (i - b), parts);
            UNROLL for (int c = 0; c < COLUMNS(pairs, tokens); c++)
                UNROLL for (int g = 0; g < GROUPS(pairs); g++)
                    sums[half][c][g] = vfmaq_f32(sums[half][c][g], scales[c], parts[c][g]);
        }
    }
    for (int half = 0; half < 2 * panels; half++)
        store8(
            pairs, sums[half], tokens, y + (size_t)first * y_stride + 8 * half, y_stride, add);
}

#if defined(TM_NEON_I8MM)
#define PAIRS 1
#else
#define PAIRS 0
#endif
#define TILES(count, pairs)                                                                     \
    for (; t + count <= x->tokens; t += count)                                                  \
        quant_tile(format, pairs, panel, bytes, side, x, t, count, out, y_stride, add);
TM_INLINE void matmul_quant(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    /* One token reads its weights as one stream: memory likes that best. */
    int32_t most = x->tokens == 1 ? 1 : TILE_PANELS;
    for (int32_t p = panel_begin, side; p < panel_end; p += side) {
        side = panel_end - p < most ? panel_end - p : most;
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        TILES(QUANT_TILE, PAIRS)
        TILES(4, PAIRS)
        TILES(2, PAIRS)
        TILES(1, 0)
    }
}
#undef TILES

#endif
