/* AVX-512 with VNNI: 512-bit registers hold one k, or 4 k of bytes, of a whole panel, and vpdpbusd
 * multiplies unsigned weights with signed activations. */

#if defined(__x86_64__)

#include <immintrin.h>

#include "impl.h"

#define TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)

#define INLINE TM_INLINE
/* A tile is up to two panels times so many tokens. Its sums, two registers of weights and one of
 * activations, which both panels share, fit the 32 there are; integer sums need as many again. */
#define FLOAT_TILE 8
#define QUANT_TILE 6

/* Keeps a broadcast in a register: folded into each instruction it would be loaded once a panel. */
#define PIN(value) __asm__("" : "+v"(value))

/* Asks for weights that come so many bytes later. */
#define AHEAD 4096
INLINE void prefetch(const uint8_t *at, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64)
        _mm_prefetch((const char *)at + AHEAD + i, _MM_HINT_T1);
}

INLINE void clear(__m512 (*sums)[2], int tokens) {
    _Pragma("unroll") for (int t = 0; t < tokens; t++)
        sums[t][0] = sums[t][1] = _mm512_setzero_ps();
}

INLINE void store(
    __m512 (*sums)[2], int panels, int tokens, float *y, size_t y_stride, int32_t add) {
    _Pragma("unroll") for (int t = 0; t < tokens; t++)
        _Pragma("unroll") for (int p = 0; p < panels; p++) {
            float *out = y + (size_t)t * y_stride + p * TM_PANEL_ROWS;
            __m512 sum = sums[t][p];
            if (add) sum = _mm512_add_ps(_mm512_loadu_ps(out), sum);
            _mm512_storeu_ps(out, sum);
        }
}

/* Calls `tile` for all panels and tokens, for as many of either at a time as the tile takes. Pairs
 * of panels need `least` tokens. */
#define TILES(tile, panels, count)                                                              \
    for (; t + count <= x->tokens; t += count)                                                  \
        tile(format, panel, bytes, panels, x, t, count, out, y_stride, add);
#define EACH_TILE(tile, least, most)                                                            \
    for (int32_t p = panel_begin, pair; p < panel_end; p += pair) {                             \
        pair = x->tokens >= least && p + 1 < panel_end ? 2 : 1;                                 \
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;                     \
        float *out = y + (size_t)p * TM_PANEL_ROWS;                                             \
        int32_t t = 0;                                                                          \
        if (pair == 2) {                                                                        \
            TILES(tile, 2, most)                                                                \
            TILES(tile, 2, 4)                                                                   \
            TILES(tile, 2, 2)                                                                   \
            TILES(tile, 2, 1)                                                                   \
        }                                                                                       \
        TILES(tile, 1, 2)                                                                       \
        TILES(tile, 1, 1)                                                                       \
    }

/* ---- float matrices ---- */

/* 16 weights from `at`: one column of a panel; E4M3 without scales and 256 times too small. */
INLINE __m512 column_at(tm_format format, const uint8_t *at) {
    switch (format) {
    case TM_F32: return _mm512_loadu_ps(at);
    case TM_F16: return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at));
    case TM_BF16: {
        __m256i bits = _mm256_loadu_si256((const __m256i *)at);
        return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
    }
    default: {
        /* tm_e4m3_half: sign and magnitude one bit apart. */
        __m256i codes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)at));
        __m256i halves = _mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 1);
        return _mm512_cvtph_ps(_mm256_and_si256(halves, _mm256_set1_epi16((short)0xBF80)));
    }
    }
}

/* sums[t][p] += column times x of `count` k; `values` and `column` are where they begin. */
INLINE void float_columns(
    tm_format format, const uint8_t *column, size_t panel_bytes, int panels, int32_t count,
    const float *values, size_t value_stride, int tokens, __m512 (*sums)[2]) {
    size_t column_bytes = TM_PANEL_ROWS * (format == TM_F32 ? 4 : format == TM_F8G128 ? 1 : 2);
    for (int32_t k = 0; k < count; k++, column += column_bytes, values++) {
        __m512 w[2];
        _Pragma("unroll") for (int p = 0; p < panels; p++)
            w[p] = column_at(format, column + (size_t)p * panel_bytes);
        _Pragma("unroll") for (int t = 0; t < tokens; t++) {
            __m512 value = _mm512_set1_ps(values[(size_t)t * value_stride]);
            PIN(value);
            _Pragma("unroll") for (int p = 0; p < panels; p++)
                sums[t][p] = _mm512_fmadd_ps(w[p], value, sums[t][p]);
        }
    }
}

INLINE void float_tile(
    tm_format format, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    __m512 sums[FLOAT_TILE][2];
    clear(sums, tokens);
    const float *values = x->values + (size_t)first * x->value_stride;
    if (format == TM_F8G128) {
        for (int32_t k = 0; k < x->k; k += 128) {
            const uint8_t *group = (const uint8_t *)tm_f8_group(panel, k);
            int32_t count = x->k - k < 128 ? x->k - k : 128;
            __m512 parts[FLOAT_TILE][2];
            clear(parts, tokens);
            float_columns(
                format, group + offsetof(tm_panel_f8g128, codes), panel_bytes, panels, count,
                values + k, x->value_stride, tokens, parts);
            _Pragma("unroll") for (int p = 0; p < panels; p++) {
                __m512 scale = _mm512_loadu_ps(group + (size_t)p * panel_bytes);
                scale = _mm512_mul_ps(scale, _mm512_set1_ps(256));
                _Pragma("unroll") for (int t = 0; t < tokens; t++)
                    sums[t][p] = _mm512_fmadd_ps(scale, parts[t][p], sums[t][p]);
            }
        }
    } else {
        float_columns(
            format, panel, panel_bytes, panels, x->k, values, x->value_stride, tokens, sums);
    }
    store(sums, panels, tokens, y + (size_t)first * y_stride, y_stride, add);
}

INLINE void matmul_float(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    EACH_TILE(float_tile, 1, FLOAT_TILE)
}

/* ---- quantised matrices: the integers ---- */

INLINE __m512i load16x4(const uint8_t *at) { return _mm512_loadu_si512(at); }

/* Bits moved towards the top by `left` places, then masked within each byte. */
INLINE __m512i masked(__m512i v, int left, int mask) {
    __m512i moved = left >= 0 ? _mm512_slli_epi16(v, (unsigned)left)
                              : _mm512_srli_epi16(v, (unsigned)-left);
    return _mm512_and_si512(moved, _mm512_set1_epi8((char)mask));
}

/* The integers of elements 4 j to 4 j + 3 of all rows. */
INLINE __m512i codes_at(int bits, const uint8_t *planes, int j) {
    if (bits == 8) return load16x4(planes + 64 * j);
    if (bits <= 3) {
        __m512i low = masked(load16x4(planes + 64 * (j / 4)), -2 * (j % 4), 3);
        if (bits == 2) return low;
        return _mm512_or_si512(low, masked(load16x4(planes + 128), 2 - j, 4));
    }
    __m512i low = masked(load16x4(planes + 64 * (j / 2)), -4 * (j % 2), 15);
    if (bits == 5) return _mm512_or_si512(low, masked(load16x4(planes + 256), 4 - j, 16));
    if (bits == 6) {
        __m512i high = load16x4(planes + 256 + 64 * (j / 4));
        return _mm512_or_si512(low, masked(high, 4 - 2 * (j % 4), 48));
    }
    return low;
}

/* The same as weights, unsigned: too large by the bias. */
INLINE __m512i weights_at(tm_layout layout, const uint8_t *planes, int j) {
    __m512i codes = codes_at(layout.bits, planes, j);
    if (layout.book == TM_NO_BOOK) return codes;
    __m128i book = layout.book == TM_IQ4_BOOK ? _mm_setr_epi8(TM_IQ4_VALUES)
                                              : _mm_setr_epi8(TM_MXFP4_VALUES);
    book = _mm_add_epi8(book, _mm_set1_epi8((char)layout.bias));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(book), codes);
}

INLINE __m512i bytes_at(const void *base) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)base));
}

/* Pairs of 16 bits that pick the sums of x over a segment. */
INLINE __m512i segment_ones(tm_layout layout, int segment) {
    return _mm512_set1_epi32(layout.segments == 1 ? 0x00010001 : segment == 0 ? 1 : 0x00010000);
}

/* Pairs of 16 bits that, multiplied with a step's two sums of x and added, undo the bias. */
INLINE __m512i bias_at(tm_layout layout, const uint8_t *block, int segment) {
    if (layout.zeros) {
        __m512i zero = bytes_at(block + TM_PANEL_ROWS * sizeof(float));
        zero = _mm512_or_si512(zero, _mm512_slli_epi32(zero, 16));
        return _mm512_sub_epi16(_mm512_setzero_si512(), zero);
    }
    return _mm512_mullo_epi16(
        segment_ones(layout, segment), _mm512_set1_epi16((short)-layout.bias));
}

/* ---- the scales ---- */

INLINE __m512 halves_at(const void *base) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)base));
}

INLINE __m512 signed_bytes_at(const void *base) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)base)));
}

/* 2^(e - 128), as tm_e8m0_half. */
INLINE __m512 powers_at(const uint8_t *exponents) {
    __m512i e = bytes_at(exponents);
    __m512i small = _mm512_sllv_epi32(_mm512_set1_epi32(0x00200000), e);
    __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(e, _mm512_set1_epi32(1)), 23);
    __mmask16 is_small = _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(2));
    return _mm512_castsi512_ps(_mm512_mask_mov_epi32(normal, is_small, small));
}

/* Scales for segment `segment` of 32 k number `sub` of a block. */
INLINE __m512 scales_at(tm_format format, const uint8_t *block, int sub, int segment) {
    int s = 2 * sub + segment;
    switch (format) {
    case TM_MXFP4: return powers_at(block);
    case TM_Q2_K: {
        __m512i both = bytes_at(((const tm_panel_q2_k *)block)->scales[s]);
        __m512i scale = _mm512_and_si512(both, _mm512_set1_epi32(15));
        return _mm512_mul_ps(halves_at(block), _mm512_cvtepi32_ps(scale));
    }
    case TM_Q3_K:
    case TM_Q6_K: /* the headers are the same */
        return _mm512_mul_ps(
            halves_at(block), signed_bytes_at(((const tm_panel_q6_k *)block)->scales[s]));
    case TM_Q4_K:
    case TM_Q5_K: {
        __m512i scale = bytes_at(((const tm_panel_q4_k *)block)->scales[sub]);
        return _mm512_mul_ps(halves_at(block), _mm512_cvtepi32_ps(scale));
    }
    case TM_IQ4_XS:
        return _mm512_mul_ps(
            halves_at(block), signed_bytes_at(((const tm_panel_iq4_xs *)block)->scales[sub]));
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: return _mm512_loadu_ps(block);
    default: return halves_at(block);
    }
}

/* What is added per unit of x: the min, or minus dmin * m. */
INLINE __m512 mins_at(tm_format format, const uint8_t *block, int sub, int segment) {
    const __m512 sign = _mm512_set1_ps(-0.0f);
    switch (format) {
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        __m512i m = _mm512_srli_epi32(bytes_at(panel->scales[2 * sub + segment]), 4);
        __m512 min = _mm512_mul_ps(halves_at(panel->dmin), _mm512_cvtepi32_ps(m));
        return _mm512_xor_ps(min, sign);
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block;
        __m512i m = bytes_at(panel->mins[sub]);
        __m512 min = _mm512_mul_ps(halves_at(panel->dmin), _mm512_cvtepi32_ps(m));
        return _mm512_xor_ps(min, sign);
    }
    default: return halves_at(((const tm_panel_q4_1 *)block)->min);
    }
}

/* ---- the tile ---- */

INLINE __m512i broadcast4(const void *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm512_set1_epi32(four);
}

/* Where a tile's tokens have the current 32 k. */
typedef struct {
    const int8_t *quants;
    const float *scales;
    const int16_t *sums;
    size_t blocks; /* from one token to the next, in steps of 32 k */
} tm_step;

/* One step of 32 k for `panels` panels whose blocks lie `stride` bytes apart: sums take it as
 * tm_matmul_fn says. */
INLINE void step16(
    tm_format format, const uint8_t *block, size_t stride, int panels, int sub, int tokens,
    tm_step x, __m512 (*sums)[2]) {
    tm_layout layout = tm_layout_of(format);
    size_t at = (size_t)layout.header + (size_t)sub * 64 * (size_t)layout.bits;
    int count = 8 / layout.segments;
    __m512 parts[QUANT_TILE][2];
    _Pragma("unroll") for (int s = 0; s < layout.segments; s++) {
        __m512i dots[QUANT_TILE][2], bias[2];
        _Pragma("unroll") for (int p = 0; p < panels; p++)
            bias[p] = bias_at(layout, block + (size_t)p * stride, s);
        _Pragma("unroll") for (int t = 0; t < tokens; t++) {
            __m512i x_sums = broadcast4(x.sums + 2 * (size_t)t * x.blocks);
            _Pragma("unroll") for (int p = 0; p < panels; p++)
                dots[t][p] = _mm512_madd_epi16(x_sums, bias[layout.zeros ? p : 0]);
        }
        _Pragma("unroll") for (int j = s * count; j < (s + 1) * count; j++) {
            __m512i w[2];
            _Pragma("unroll") for (int p = 0; p < panels; p++)
                w[p] = weights_at(layout, block + (size_t)p * stride + at, j);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m512i value = broadcast4(x.quants + (size_t)t * x.blocks * TM_BLOCK + 4 * j);
                PIN(value);
                _Pragma("unroll") for (int p = 0; p < panels; p++)
                    dots[t][p] = _mm512_dpbusd_epi32(dots[t][p], w[p], value);
            }
        }
        _Pragma("unroll") for (int p = 0; p < panels; p++) {
            const uint8_t *own = block + (size_t)p * stride;
            __m512 scale = scales_at(format, own, sub, s);
            __m512 min = layout.mins ? mins_at(format, own, sub, s) : scale;
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m512 dot = _mm512_cvtepi32_ps(dots[t][p]);
                parts[t][p] = s == 0 ? _mm512_mul_ps(scale, dot)
                                     : _mm512_fmadd_ps(scale, dot, parts[t][p]);
                if (!layout.mins) continue;
                __m512i x_sums = broadcast4(x.sums + 2 * (size_t)t * x.blocks);
                __m512i sum = _mm512_madd_epi16(x_sums, segment_ones(layout, s));
                parts[t][p] = _mm512_fmadd_ps(min, _mm512_cvtepi32_ps(sum), parts[t][p]);
            }
        }
    }
    _Pragma("unroll") for (int t = 0; t < tokens; t++) {
        __m512 x_scale = _mm512_set1_ps(x.scales[(size_t)t * x.blocks]);
        _Pragma("unroll") for (int p = 0; p < panels; p++)
            sums[t][p] = _mm512_fmadd_ps(x_scale, parts[t][p], sums[t][p]);
    }
}

INLINE void quant_tile(
    tm_format format, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t blocks = (size_t)x->k / TM_BLOCK, at = (size_t)first * blocks;
    tm_step step = {x->quants + at * TM_BLOCK, x->scales + at, x->sums + 2 * at, blocks};
    int subs = layout.width / TM_BLOCK;
    size_t sub_bytes = (size_t)(layout.bytes / subs);
    __m512 sums[QUANT_TILE][2];
    clear(sums, tokens);
    for (const uint8_t *end = panel + panel_bytes; panel < end; panel += layout.bytes)
        for (int sub = 0; sub < subs; sub++) {
            /* Measured on Zen 4: with much arithmetic per byte the processor sees too little of
             * what comes next; with little it is better left alone. Later tokens find all in the
             * cache. */
            if (layout.bits < 8 && tokens > 1 && first == 0)
                for (int p = 0; p < panels; p++)
                    prefetch(panel + (size_t)p * panel_bytes + (size_t)sub * sub_bytes, sub_bytes);
            step16(format, panel, panel_bytes, panels, sub, tokens, step, sums);
            step.quants += TM_BLOCK;
            step.scales += 1;
            step.sums += 2;
        }
    store(sums, panels, tokens, y + (size_t)first * y_stride, y_stride, add);
}

INLINE void matmul_quant(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    /* One token reads its weights as one stream, not two: memory likes that best. */
    EACH_TILE(quant_tile, 2, QUANT_TILE)
}

#define MATMUL(kind, name, NAME)                                                                \
    void tm_avx512_##name(                                                                      \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_##kind(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);          \
    }
#define MATMUL_FLOAT(name, NAME) MATMUL(float, name, NAME)
#define MATMUL_QUANT(name, NAME) MATMUL(quant, name, NAME)
TM_FLOAT_FORMATS(MATMUL_FLOAT)
TM_QUANT_FORMATS(MATMUL_QUANT)

/* ---- what the machine can do ---- */

double tm_avx512_probe_int8(int64_t rounds, int32_t *sink) {
    __m512i sums[12], a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(5);
    for (int i = 0; i < 12; i++) sums[i] = _mm512_setzero_si512();
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+v"(a), "+v"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++)
            sums[i] = _mm512_dpbusd_epi32(sums[i], a, b);
    }
    for (int i = 1; i < 12; i++) sums[0] = _mm512_add_epi32(sums[0], sums[i]);
    *sink += _mm512_reduce_add_epi32(sums[0]);
    return (double)rounds * 12 * 128;
}

double tm_avx512_probe_f32(int64_t rounds, float *sink) {
    __m512 sums[12], a = _mm512_set1_ps(1.0f), b = _mm512_set1_ps(1e-9f);
    for (int i = 0; i < 12; i++) sums[i] = _mm512_setzero_ps();
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+v"(a), "+v"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++) sums[i] = _mm512_fmadd_ps(a, b, sums[i]);
    }
    for (int i = 1; i < 12; i++) sums[0] = _mm512_add_ps(sums[0], sums[i]);
    *sink += _mm512_reduce_add_ps(sums[0]);
    return (double)rounds * 12 * 32;
}

#pragma clang attribute pop

#else
typedef int tm_no_avx512_here;
#endif
