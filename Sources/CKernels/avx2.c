/* AVX2, FMA and F16C: 256-bit registers, no dot-product instruction. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define INLINE TM_INLINE

/* ---- float matrices ---- */

/* Each loads 16 weights of column k as two registers. */
INLINE void load_f32(const void *panel, int32_t k, __m256 w[2]) {
    const float *in = (const float *)panel + (size_t)k * TM_PANEL_ROWS;
    w[0] = _mm256_loadu_ps(in);
    w[1] = _mm256_loadu_ps(in + 8);
}

INLINE void load_f16(const void *panel, int32_t k, __m256 w[2]) {
    const uint16_t *in = (const uint16_t *)panel + (size_t)k * TM_PANEL_ROWS;
    w[0] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)in));
    w[1] = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(in + 8)));
}

INLINE void load_bf16(const void *panel, int32_t k, __m256 w[2]) {
    const uint16_t *in = (const uint16_t *)panel + tm_bf16_at(k, 0) - k % 2;
    for (int i = 0; i < 2; i++) {
        __m256i pair = _mm256_loadu_si256((const __m256i *)in + i);
        pair = k % 2 ? _mm256_and_si256(pair, _mm256_set1_epi32((int)0xFFFF0000))
                     : _mm256_slli_epi32(pair, 16);
        w[i] = _mm256_castsi256_ps(pair);
    }
}

INLINE void load_f8g128(const void *panel, int32_t k, __m256 w[2]) {
    const tm_panel_f8g128 *group = tm_f8_group(panel, k);
    __m256i codes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)group->codes[k % 128]));
    /* tm_e4m3_half: sign and magnitude one bit apart. */
    __m256i halves = _mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 1);
    halves = _mm256_and_si256(halves, _mm256_set1_epi16((short)0xBF80));
    w[0] = _mm256_cvtph_ps(_mm256_castsi256_si128(halves));
    w[1] = _mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1));
    for (int i = 0; i < 2; i++) {
        w[i] = _mm256_mul_ps(w[i], _mm256_set1_ps(256));
        w[i] = _mm256_mul_ps(w[i], _mm256_loadu_ps(group->scale + 8 * i));
    }
}

INLINE void store16(const __m256 sum[2], float *y, int32_t add) {
    for (int i = 0; i < 2; i++) {
        __m256 value = sum[i];
        if (add) value = _mm256_add_ps(_mm256_loadu_ps(y + 8 * i), value);
        _mm256_storeu_ps(y + 8 * i, value);
    }
}

/* PANELS panels times TOKENS tokens, PANELS * TOKENS * 2 sums in registers. One token needs several
 * panels at once: a sum waits four cycles for its last addition, and only other sums fill them. */
#define FLOAT_TILE(name, PANELS, TOKENS)                                                        \
    INLINE void tile_##name##_##PANELS##x##TOKENS(                                              \
        const char *panel, size_t panel_bytes, const tm_activations *x, int32_t first,          \
        float *y, size_t y_stride, int32_t add) {                                               \
        __m256 sums[PANELS][TOKENS][2];                                                         \
        for (int p = 0; p < PANELS; p++)                                                        \
            for (int t = 0; t < TOKENS; t++) sums[p][t][0] = sums[p][t][1] = _mm256_setzero_ps(); \
        const float *values = x->values + (size_t)first * x->value_stride;                      \
        for (int32_t k = 0; k < x->k; k++) {                                                    \
            __m256 w[PANELS][2];                                                                \
            _Pragma("unroll") for (int p = 0; p < PANELS; p++)                                  \
                load_##name(panel + (size_t)p * panel_bytes, k, w[p]);                          \
            _Pragma("unroll") for (int t = 0; t < TOKENS; t++) {                                \
                __m256 value = _mm256_broadcast_ss(values + (size_t)t * x->value_stride + k);   \
                _Pragma("unroll") for (int p = 0; p < PANELS; p++) {                            \
                    sums[p][t][0] = _mm256_fmadd_ps(w[p][0], value, sums[p][t][0]);             \
                    sums[p][t][1] = _mm256_fmadd_ps(w[p][1], value, sums[p][t][1]);             \
                }                                                                               \
            }                                                                                   \
        }                                                                                       \
        for (int p = 0; p < PANELS; p++)                                                        \
            for (int t = 0; t < TOKENS; t++)                                                    \
                store16(                                                                        \
                    sums[p][t], y + (size_t)(first + t) * y_stride + p * TM_PANEL_ROWS, add);   \
    }

#define MATMUL_FLOAT(name, NAME)                                                                \
    FLOAT_TILE(name, 4, 1)                                                                      \
    FLOAT_TILE(name, 2, 2)                                                                      \
    FLOAT_TILE(name, 1, 1)                                                                      \
    FLOAT_TILE(name, 1, 2)                                                                      \
    FLOAT_TILE(name, 1, 5)                                                                      \
    static void matmul_##name(                                                                  \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        size_t bytes = tm_panel_bytes(TM_##NAME, x->k);                                         \
        int32_t p = panel_begin;                                                                \
        for (; x->tokens <= 3 && p + 4 <= panel_end; p += 4) {                                  \
            const char *panel = (const char *)panels + (size_t)p * bytes;                       \
            float *out = y + (size_t)p * TM_PANEL_ROWS;                                         \
            int32_t t = 0;                                                                      \
            for (; t + 2 <= x->tokens; t += 2) {                                                \
                tile_##name##_2x2(panel, bytes, x, t, out, y_stride, add);                      \
                tile_##name##_2x2(                                                              \
                    panel + 2 * bytes, bytes, x, t, out + 2 * TM_PANEL_ROWS, y_stride, add);    \
            }                                                                                   \
            if (t < x->tokens) tile_##name##_4x1(panel, bytes, x, t, out, y_stride, add);       \
        }                                                                                       \
        for (; p < panel_end; p++) {                                                            \
            const char *panel = (const char *)panels + (size_t)p * bytes;                       \
            float *out = y + (size_t)p * TM_PANEL_ROWS;                                         \
            int32_t t = 0;                                                                      \
            for (; t + 5 <= x->tokens; t += 5)                                                  \
                tile_##name##_1x5(panel, bytes, x, t, out, y_stride, add);                      \
            for (; t + 2 <= x->tokens; t += 2)                                                  \
                tile_##name##_1x2(panel, bytes, x, t, out, y_stride, add);                      \
            if (t < x->tokens) tile_##name##_1x1(panel, bytes, x, t, out, y_stride, add);       \
        }                                                                                       \
    }
TM_FLOAT_FORMATS(MATMUL_FLOAT)

/* ---- quantised matrices ---- */

INLINE __m256i broadcast4(const void *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm256_set1_epi32(four);
}

INLINE __m256i load8x4(const uint8_t *at) { return _mm256_loadu_si256((const __m256i *)at); }

/* Shifts bits within each byte towards the top (the mask that follows drops strays). */
INLINE __m256i shifted(__m256i v, int left) {
    return left >= 0 ? _mm256_slli_epi16(v, left) : _mm256_srli_epi16(v, -left);
}

INLINE __m256i masked(__m256i v, int left, int mask) {
    return _mm256_and_si256(shifted(v, left), _mm256_set1_epi8((char)mask));
}

/* The integers of elements 4 j to 4 j + 3 of rows 8 i to 8 i + 7. */
INLINE __m256i codes_at(int bits, const uint8_t *planes, int i, int j) {
    const uint8_t *at = planes + 32 * i;
    if (bits == 8) return load8x4(at + 64 * j);
    if (bits <= 3) {
        __m256i low = masked(load8x4(at + 64 * (j / 4)), -2 * (j % 4), 3);
        if (bits == 2) return low;
        return _mm256_or_si256(low, masked(load8x4(at + 128), 2 - j, 4));
    }
    __m256i low = masked(load8x4(at + 64 * (j / 2)), -4 * (j % 2), 15);
    if (bits == 5) return _mm256_or_si256(low, masked(load8x4(at + 256), 4 - j, 16));
    if (bits == 6) {
        __m256i high = load8x4(at + 256 + 64 * (j / 4));
        return _mm256_or_si256(low, masked(high, 4 - 2 * (j % 4), 48));
    }
    return low;
}

/* Whether weights enter the products with their sign: maddubs takes one unsigned operand, and 8
 * bits times 7 twice would not fit its 16. */
INLINE int is_signed(tm_layout layout) { return layout.bits == 8 || layout.book == TM_IQ4_BOOK; }

/* The same as weights: signed, or unsigned and too large by the bias. */
INLINE __m256i weights_at(tm_layout layout, const uint8_t *planes, int i, int j) {
    __m256i codes = codes_at(layout.bits, planes, i, j);
    if (layout.bits == 8) return _mm256_xor_si256(codes, _mm256_set1_epi8((char)0x80));
    if (layout.book == TM_IQ4_BOOK) {
        __m128i book = _mm_setr_epi8(TM_IQ4_VALUES);
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(book), codes);
    }
    if (layout.book == TM_MXFP4_BOOK) {
        __m128i book = _mm_add_epi8(_mm_setr_epi8(TM_MXFP4_VALUES), _mm_set1_epi8(16));
        return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(book), codes);
    }
    return codes;
}

/* How many results of maddubs may be added in 16 bits: each is at most 2 * 127 * weight. */
INLINE int run_of(tm_layout layout) {
    switch (layout.bits) {
    case 6: return 2;                   /* 63 */
    case 5: return 4;                   /* 31 */
    case 4: return layout.book ? 4 : 8; /* 28 (e2m1 + 16), 15 */
    default: return 4;                  /* 7 or less; a segment has no more */
    }
}

/* dots[t] += weights times the quants at x[t], for `count` j from `begin`. */
INLINE void add_dots(
    tm_layout layout, const uint8_t *planes, int i, int begin, int count, int tokens,
    const int8_t *const *x, __m256i *dots) {
    const __m256i ones = _mm256_set1_epi16(1);
    if (is_signed(layout)) {
        /* |w| * sign(x, w) has the right product; two (at most 2 * 128 * 127) fit 16 bits. */
        _Pragma("unroll") for (int j = begin; j < begin + count; j++) {
            __m256i w = weights_at(layout, planes, i, j), size = _mm256_abs_epi8(w);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m256i value = _mm256_sign_epi8(broadcast4(x[t] + 4 * j), w);
                __m256i pairs = _mm256_maddubs_epi16(size, value);
                dots[t] = _mm256_add_epi32(dots[t], _mm256_madd_epi16(pairs, ones));
            }
        }
        return;
    }
    int run = run_of(layout);
    _Pragma("unroll") for (int first = begin; first < begin + count; first += run) {
        __m256i pairs[4];
        _Pragma("unroll") for (int j = first; j < first + run; j++) {
            __m256i w = weights_at(layout, planes, i, j);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m256i pair = _mm256_maddubs_epi16(w, broadcast4(x[t] + 4 * j));
                pairs[t] = j == first ? pair : _mm256_add_epi16(pairs[t], pair);
            }
        }
        _Pragma("unroll") for (int t = 0; t < tokens; t++)
            dots[t] = _mm256_add_epi32(dots[t], _mm256_madd_epi16(pairs[t], ones));
    }
}

INLINE __m256 halves_at(const void *base, int i) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)base + i));
}

INLINE __m256i bytes_at(const void *base, int i) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)((const uint8_t *)base + 8 * i)));
}

INLINE __m256 signed_bytes_at(const void *base, int i) {
    __m128i bytes = _mm_loadl_epi64((const __m128i *)((const uint8_t *)base + 8 * i));
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

/* 2^(e - 128), as tm_e8m0_half. */
INLINE __m256 powers_at(const uint8_t *exponents, int i) {
    __m256i e = bytes_at(exponents, i);
    __m256i small = _mm256_sllv_epi32(_mm256_set1_epi32(0x00200000), e);
    __m256i normal = _mm256_slli_epi32(_mm256_sub_epi32(e, _mm256_set1_epi32(1)), 23);
    __m256i is_small = _mm256_cmpgt_epi32(_mm256_set1_epi32(2), e);
    return _mm256_castsi256_ps(_mm256_blendv_epi8(normal, small, is_small));
}

/* Scales of rows 8 i and up for segment `segment` of 32 k number `sub` of a block. */
INLINE __m256 scales_at(tm_format format, const uint8_t *block, int sub, int segment, int i) {
    int s = 2 * sub + segment;
    switch (format) {
    case TM_MXFP4: return powers_at(block, i);
    case TM_Q2_K: {
        __m256i both = bytes_at(((const tm_panel_q2_k *)block)->scales[s], i);
        __m256i scale = _mm256_and_si256(both, _mm256_set1_epi32(15));
        return _mm256_mul_ps(halves_at(block, i), _mm256_cvtepi32_ps(scale));
    }
    case TM_Q3_K:
    case TM_Q6_K: /* the headers are the same */
        return _mm256_mul_ps(
            halves_at(block, i), signed_bytes_at(((const tm_panel_q6_k *)block)->scales[s], i));
    case TM_Q4_K:
    case TM_Q5_K: {
        __m256i scale = bytes_at(((const tm_panel_q4_k *)block)->scales[sub], i);
        return _mm256_mul_ps(halves_at(block, i), _mm256_cvtepi32_ps(scale));
    }
    case TM_IQ4_XS:
        return _mm256_mul_ps(
            halves_at(block, i), signed_bytes_at(((const tm_panel_iq4_xs *)block)->scales[sub], i));
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: return _mm256_loadu_ps((const float *)block + 8 * i);
    default: return halves_at(block, i);
    }
}

/* What is added per unit of x: the min, or minus dmin * m. */
INLINE __m256 mins_at(tm_format format, const uint8_t *block, int sub, int segment, int i) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    switch (format) {
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        __m256i m = _mm256_srli_epi32(bytes_at(panel->scales[2 * sub + segment], i), 4);
        __m256 min = _mm256_mul_ps(halves_at(panel->dmin, i), _mm256_cvtepi32_ps(m));
        return _mm256_xor_ps(min, sign);
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block;
        __m256i m = bytes_at(panel->mins[sub], i);
        __m256 min = _mm256_mul_ps(halves_at(panel->dmin, i), _mm256_cvtepi32_ps(m));
        return _mm256_xor_ps(min, sign);
    }
    default: return halves_at(((const tm_panel_q4_1 *)block)->min, i);
    }
}

/* Pairs of 16 bits that pick the sums of x over a segment. */
INLINE __m256i segment_ones(tm_layout layout, int segment) {
    return _mm256_set1_epi32(layout.segments == 1 ? 0x00010001 : segment == 0 ? 1 : 0x00010000);
}

/* Pairs of 16 bits that, multiplied with a step's two sums of x and added, undo the bias. */
INLINE __m256i bias_at(tm_layout layout, const uint8_t *block, int segment, int i) {
    if (is_signed(layout)) return _mm256_setzero_si256();
    if (layout.zeros) {
        __m256i zero = bytes_at(block + TM_PANEL_ROWS * sizeof(float), i);
        zero = _mm256_or_si256(zero, _mm256_slli_epi32(zero, 16));
        return _mm256_sub_epi16(_mm256_setzero_si256(), zero);
    }
    return _mm256_mullo_epi16(
        segment_ones(layout, segment), _mm256_set1_epi16((short)-layout.bias));
}

/* One step of 32 k for 8 rows (16 / 2, half i): parts take it as tm_matmul_fn says; `is_first` of
 * its group of x. */
INLINE void step8(
    tm_format format, const uint8_t *block, int sub, int i, int tokens, const int8_t *const *x,
    const int16_t *const *x_sums, int is_first, __m256 (*parts)[2]) {
    tm_layout layout = tm_layout_of(format);
    const uint8_t *planes = block + layout.header + (size_t)sub * 64 * (size_t)layout.bits;
    int count = 8 / layout.segments;
    _Pragma("unroll") for (int s = 0; s < layout.segments; s++) {
        __m256i dots[4], bias = bias_at(layout, block, s, i);
        _Pragma("unroll") for (int t = 0; t < tokens; t++)
            dots[t] = _mm256_madd_epi16(broadcast4(x_sums[t]), bias); /* 0 where bias is */
        add_dots(layout, planes, i, s * count, count, tokens, x, dots);
        __m256 scale = scales_at(format, block, sub, s, i);
        __m256 min = layout.mins ? mins_at(format, block, sub, s, i) : scale;
        _Pragma("unroll") for (int t = 0; t < tokens; t++) {
            __m256 dot = _mm256_cvtepi32_ps(dots[t]);
            parts[t][i] = is_first && s == 0 ? _mm256_mul_ps(scale, dot)
                                             : _mm256_fmadd_ps(scale, dot, parts[t][i]);
            if (!layout.mins) continue;
            __m256i sum = _mm256_madd_epi16(broadcast4(x_sums[t]), segment_ones(layout, s));
            parts[t][i] = _mm256_fmadd_ps(min, _mm256_cvtepi32_ps(sum), parts[t][i]);
        }
    }
}

/* One panel times `tokens` (at most 4) tokens. */
INLINE void quant_tile(
    tm_format format, const uint8_t *panel, const tm_activations *x, int32_t first, int tokens,
    float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t blocks = (size_t)x->k / TM_BLOCK;
    int subs = layout.width / TM_BLOCK;
    const int8_t *quants[4];
    const float *scales[4];
    const int16_t *x_sums[4];
    __m256 sums[4][2];
    for (int t = 0; t < tokens; t++) {
        size_t at = (size_t)(first + t) * blocks;
        quants[t] = x->quants + at * TM_BLOCK;
        scales[t] = x->scales + at;
        x_sums[t] = x->sums + 2 * at;
        sums[t][0] = sums[t][1] = _mm256_setzero_ps();
    }
    size_t group = TM_X_GROUP / TM_BLOCK;
    __m256 parts[4][2];
    for (size_t b = 0; b < blocks; b++) {
        const uint8_t *block = panel + b / (size_t)subs * (size_t)layout.bytes;
        for (int i = 0; i < 2; i++)
            step8(
                format, block, (int)(b % (size_t)subs), i, tokens, quants, x_sums, b % group == 0,
                parts);
        int is_last = b % group == group - 1 || b == blocks - 1;
        for (int t = 0; t < tokens; t++) {
            if (is_last)
                for (int i = 0; i < 2; i++)
                    sums[t][i] = _mm256_fmadd_ps(
                        _mm256_set1_ps(scales[t][b]), parts[t][i], sums[t][i]);
            quants[t] += TM_BLOCK;
            x_sums[t] += 2;
        }
    }
    for (int t = 0; t < tokens; t++) store16(sums[t], y + (size_t)(first + t) * y_stride, add);
}

INLINE void matmul_quant(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin; p < panel_end; p++) {
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        for (; t + 4 <= x->tokens; t += 4) quant_tile(format, panel, x, t, 4, out, y_stride, add);
        for (; t + 2 <= x->tokens; t += 2) quant_tile(format, panel, x, t, 2, out, y_stride, add);
        if (t < x->tokens) quant_tile(format, panel, x, t, 1, out, y_stride, add);
    }
}

#define MATMUL_QUANT(name, NAME)                                                                \
    static void matmul_##name(                                                                  \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_quant(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);           \
    }
TM_QUANT_FORMATS(MATMUL_QUANT)

INLINE float largest8(__m256 v) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
}

INLINE float sum8(__m256 v) {
    __m128 m = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_add_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_add_ss(m, _mm_shuffle_ps(m, m, 1)));
}

INLINE int32_t sum8i(__m256i v) {
    __m128i m = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    m = _mm_add_epi32(m, _mm_shuffle_epi32(m, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(m, _mm_shuffle_epi32(m, 0xB1)));
}

/* The largest magnitude of `count` (a multiple of 8) floats; 0 where all are NaN. */
INLINE float largest_of(const float *x, int32_t count) {
    __m256 most = _mm256_setzero_ps();
    for (int32_t i = 0; i < count; i += 8)
        /* max returns its second operand when the first is NaN: NaN never becomes the scale. */
        most = _mm256_max_ps(
            _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_loadu_ps(x + i)), most);
    return largest8(most);
}

/* 32 quants of x / scale and their two sums of 16. */
INLINE void quantize32(const float *x, __m256 inverse, int8_t *quants, int16_t sums[2]) {
    const __m256 high = _mm256_set1_ps(127), low = _mm256_set1_ps(-127);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i q[4];
    for (int i = 0; i < 4; i++) {
        __m256 value = _mm256_mul_ps(_mm256_loadu_ps(x + 8 * i), inverse);
        q[i] = _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(value, low), high));
    }
    __m256i half0 = _mm256_packs_epi32(q[0], q[1]), half1 = _mm256_packs_epi32(q[2], q[3]);
    /* The packs work within 128-bit lanes; the permutation puts the eight fours in order. */
    __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packs_epi16(half0, half1), order);
    _mm256_storeu_si256((__m256i *)quants, bytes);
    for (int i = 0; i < 2; i++)
        sums[i] = (int16_t)sum8i(_mm256_add_epi32(q[2 * i], q[2 * i + 1]));
}

static void quantize(const float *x, int32_t k, int8_t *quants, float *scales, int16_t *sums) {
    for (int32_t start = 0; start < k; start += TM_X_GROUP) {
        int32_t count = k - start < TM_X_GROUP ? k - start : TM_X_GROUP;
        float largest = largest_of(x + start, count);
        __m256 inverse = _mm256_set1_ps(largest > 0 ? 127.0f / largest : 0);
        for (int32_t i = start; i < start + count; i += TM_BLOCK) {
            quantize32(x + i, inverse, quants + i, sums + i / 16);
            scales[i / TM_BLOCK] = largest / 127.0f;
        }
    }
}

static void rms_norm(const float *x, const float *weight, int32_t n, float epsilon, float *out) {
    __m256 squares = _mm256_setzero_ps();
    int32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 v = _mm256_loadu_ps(x + i);
        squares = _mm256_fmadd_ps(v, v, squares);
    }
    float sum = sum8(squares);
    for (int32_t j = i; j < n; j++) sum += x[j] * x[j];
    float scale = 1.0f / sqrtf(sum / (float)n + epsilon);
    __m256 scales = _mm256_set1_ps(scale);
    for (i = 0; i + 8 <= n; i += 8) {
        __m256 v = _mm256_mul_ps(_mm256_loadu_ps(x + i), scales);
        _mm256_storeu_ps(out + i, _mm256_mul_ps(v, _mm256_loadu_ps(weight + i)));
    }
    for (; i < n; i++) out[i] = x[i] * scale * weight[i];
}

INLINE __m256 exp8(__m256 x) {
    __m256 gone = _mm256_cmp_ps(x, _mm256_set1_ps(TM_EXP_LOW), _CMP_LT_OQ);
    x = _mm256_min_ps(_mm256_set1_ps(TM_EXP_HIGH), _mm256_max_ps(_mm256_set1_ps(TM_EXP_LOW), x));
    __m256 n = _mm256_round_ps(
        _mm256_mul_ps(x, _mm256_set1_ps(TM_LOG2E)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(TM_LN2_HIGH), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(TM_LN2_LOW), r);
    __m256 p = _mm256_set1_ps(TM_EXP_C7);
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(TM_EXP_C6));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(TM_EXP_C5));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(TM_EXP_C4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(TM_EXP_C3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(TM_EXP_C2));
    p = _mm256_fmadd_ps(p, _mm256_mul_ps(r, r), _mm256_add_ps(r, _mm256_set1_ps(1)));
    __m256i power = _mm256_slli_epi32(
        _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_andnot_ps(gone, _mm256_mul_ps(p, _mm256_castsi256_ps(power)));
}

static void swiglu(float *gate, const float *up, int32_t n) {
    const __m256 one = _mm256_set1_ps(1), zero = _mm256_setzero_ps();
    int32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 g = _mm256_loadu_ps(gate + i);
        __m256 silu = _mm256_div_ps(g, _mm256_add_ps(one, exp8(_mm256_sub_ps(zero, g))));
        _mm256_storeu_ps(gate + i, _mm256_mul_ps(silu, _mm256_loadu_ps(up + i)));
    }
    for (; i < n; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

static void add(float *x, const float *y, int32_t n) {
    int32_t i = 0;
    for (; i + 8 <= n; i += 8)
        _mm256_storeu_ps(x + i, _mm256_add_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(y + i)));
    for (; i < n; i++) x[i] += y[i];
}

/* ---- what the machine can do ---- */

double tm_avx2_probe_int8(int64_t rounds, int32_t *sink) {
    const __m256i ones = _mm256_set1_epi16(1);
    __m256i sums[8], a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5);
    for (int i = 0; i < 8; i++) sums[i] = _mm256_setzero_si256();
    for (int64_t round = 0; round < rounds; round++) {
        _Pragma("unroll") for (int i = 0; i < 8; i++) {
            /* Each product on its own: equal ones would be made once. */
            __asm__ volatile("" : "+x"(a), "+x"(b));
            sums[i] = _mm256_add_epi32(
                sums[i], _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), ones));
        }
    }
    for (int i = 1; i < 8; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    *sink += sum8i(sums[0]);
    return (double)rounds * 8 * 64;
}

double tm_avx2_probe_f32(int64_t rounds, float *sink) {
    __m256 sums[10], a = _mm256_set1_ps(1.0f), b = _mm256_set1_ps(1e-9f);
    for (int i = 0; i < 10; i++) sums[i] = _mm256_setzero_ps();
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+x"(a), "+x"(b));
        _Pragma("unroll") for (int i = 0; i < 10; i++) sums[i] = _mm256_fmadd_ps(a, b, sums[i]);
    }
    for (int i = 1; i < 10; i++) sums[0] = _mm256_add_ps(sums[0], sums[i]);
    *sink += sum8(sums[0]);
    return (double)rounds * 10 * 16;
}

#pragma clang attribute pop

#define ENTRY(name, NAME) [TM_##NAME] = matmul_##name,
const tm_kernels tm_avx2 = {
    .name = "avx2",
    .matmul = {TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY)},
    .quantize = quantize,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .add = add,
    .attention = &tm_avx2_attention,
};

/* Products are where wider registers pay; the rest is shared. */
#define ENTRY_512(name, NAME) [TM_##NAME] = tm_avx512_##name,
#define ENTRIES_512 TM_FLOAT_FORMATS(ENTRY_512) TM_QUANT_FORMATS(ENTRY_512)
#define TABLE_512(level_name, ...)                                                              \
    {.name = level_name,                                                                        \
     .matmul = {__VA_ARGS__},                                                                   \
     .quantize = quantize,                                                                      \
     .rms_norm = rms_norm,                                                                      \
     .swiglu = swiglu,                                                                          \
     .add = add,                                                                                \
     .attention = &tm_avx512_attention}
const tm_kernels tm_avx512 = TABLE_512("avx512", ENTRIES_512);
const tm_kernels tm_avx512_with_bf16 = TABLE_512(
    "avx512bf16", [TM_F32] = tm_avx512_f32, [TM_F16] = tm_avx512_f16,
    [TM_BF16] = tm_avx512_bf16_pairs, [TM_F8G128] = tm_avx512_f8g128, TM_QUANT_FORMATS(ENTRY_512));

#else
typedef int tm_no_avx2_here;
#endif
