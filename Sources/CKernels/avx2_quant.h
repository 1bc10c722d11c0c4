/* AVX2 for quantised matrices. Included once for each instruction set, which TM_AVX2_TARGET names
 * and whose functions are called TM_AVX2_NAME(format); where TM_AVX2_VNNI is 1 it has vpdpbusd. */

#include <immintrin.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target(TM_AVX2_TARGET))), apply_to = function)

#define INLINE TM_INLINE

INLINE void store16(const __m256 sum[2], float *y, int32_t add) {
    for (int i = 0; i < 2; i++) {
        __m256 value = sum[i];
        if (add) value = _mm256_add_ps(_mm256_loadu_ps(y + 8 * i), value);
        _mm256_storeu_ps(y + 8 * i, value);
    }
}

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
 * bits times 7 twice would not fit its 16. vpdpbusd adds in 32. */
INLINE int is_signed(tm_layout layout) {
    return !TM_AVX2_VNNI && (layout.bits == 8 || layout.book == TM_IQ4_BOOK);
}

/* The same as weights: signed, or unsigned and too large by the bias. */
INLINE __m256i weights_at(tm_layout layout, const uint8_t *planes, int i, int j) {
    __m256i codes = codes_at(layout.bits, planes, i, j);
    int is_byte = layout.bits == 8, bias = is_signed(layout) ? 0 : layout.bias;
    if (is_byte && is_signed(layout)) return _mm256_xor_si256(codes, _mm256_set1_epi8((char)0x80));
    if (layout.book == TM_NO_BOOK) return codes;
    __m128i book = layout.book == TM_IQ4_BOOK ? _mm_setr_epi8(TM_IQ4_VALUES)
                                              : _mm_setr_epi8(TM_MXFP4_VALUES);
    book = _mm_add_epi8(book, _mm_set1_epi8((char)bias));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(book), codes);
}

/* dots[t] += weights times the quants at x[t], for `count` j from `begin`. */
#if TM_AVX2_VNNI
INLINE void add_dots(
    tm_layout layout, const uint8_t *planes, int i, int begin, int count, int tokens,
    const int8_t *const *x, __m256i *dots) {
    _Pragma("unroll") for (int j = begin; j < begin + count; j++) {
        __m256i w = weights_at(layout, planes, i, j);
        _Pragma("unroll") for (int t = 0; t < tokens; t++)
            dots[t] = _mm256_dpbusd_avx_epi32(dots[t], w, broadcast4(x[t] + 4 * j));
    }
}
#else
/* How many results of maddubs may be added in 16 bits: each is at most 2 * 127 * weight. */
INLINE int run_of(tm_layout layout) {
    switch (layout.bits) {
    case 6: return 2;                   /* 63 */
    case 5: return 4;                   /* 31 */
    case 4: return layout.book ? 4 : 8; /* 28 (e2m1 + 16), 15 */
    default: return 4;                  /* 7 or less; a segment has no more */
    }
}

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
#endif

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
    void TM_AVX2_NAME(name)(                                                                    \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_quant(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);           \
    }
TM_QUANT_FORMATS(MATMUL_QUANT)

#pragma clang attribute pop
