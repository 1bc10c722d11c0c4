/* AVX-512 for float matrices, and the probes: a 512-bit register holds one k of a whole panel. */

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target(TM_AVX512_TARGET))), apply_to = function)

/* A tile is up to so many panels times so many tokens, 16 sums of the 32 registers there are. One
 * or two tokens take four panels: a sum waits four cycles for its last addition, and only other
 * sums fill them. */
#define PANELS 4
#define TILE 8

/* ---- float matrices ---- */

/* 16 weights: a column of a panel; E4M3 without scales and 256 times too small. `at` is the column,
 * or in bf16 its pair of columns, of which it is the second where `odd`. */
INLINE __m512 column_at(tm_format format, const uint8_t *at, int odd) {
    switch (format) {
    case TM_F32: return _mm512_loadu_ps(at);
    case TM_F16: return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at));
    case TM_BF16: {
        __m512i pair = _mm512_loadu_si512(at), high = _mm512_set1_epi32((int)0xFFFF0000);
        return _mm512_castsi512_ps(
            odd ? _mm512_and_si512(pair, high) : _mm512_slli_epi32(pair, 16));
    }
    default: {
        /* tm_e4m3_half: sign and magnitude one bit apart, where the sign was extended to. */
        __m256i codes = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)at));
        __m256i halves = _mm256_slli_epi16(codes, 7);
        return _mm512_cvtph_ps(_mm256_and_si256(halves, _mm256_set1_epi16((short)0xBF80)));
    }
    }
}

/* What a tile multiplies: columns of some panels, and values of some tokens. */
typedef struct {
    const uint8_t *columns;
    size_t panel_bytes;
    const float *values;
    size_t value_stride;
} tm_float_tile;

/* sums[t][p] += column k times x[k]. */
INLINE void add_column(
    tm_format format, const tm_float_tile *in, int32_t k, int odd, int panels, int tokens,
    __m512 (*sums)[PANELS]) {
    size_t column_bytes = TM_PANEL_ROWS * (format == TM_F32 ? 4 : format == TM_F8G128 ? 1 : 2);
    size_t at = (size_t)(format == TM_BF16 ? k - odd : k) * column_bytes;
    __m512 w[PANELS];
    _Pragma("unroll") for (int p = 0; p < panels; p++)
        w[p] = column_at(format, in->columns + (size_t)p * in->panel_bytes + at, odd);
    _Pragma("unroll") for (int t = 0; t < tokens; t++) {
        __m512 value = _mm512_set1_ps(in->values[(size_t)t * in->value_stride + (size_t)k]);
        PIN(value);
        _Pragma("unroll") for (int p = 0; p < panels; p++)
            sums[t][p] = _mm512_fmadd_ps(w[p], value, sums[t][p]);
    }
}

/* sums[t][p] += columns 0 to count - 1 times x. */
INLINE void add_columns(
    tm_format format, const tm_float_tile *in, int32_t count, int panels, int tokens,
    __m512 (*sums)[PANELS]) {
    int32_t k = 0;
    for (; k + 2 <= count; k += 2) {
        add_column(format, in, k, 0, panels, tokens, sums);
        add_column(format, in, k + 1, 1, panels, tokens, sums);
    }
    if (k < count) add_column(format, in, k, 0, panels, tokens, sums);
}

INLINE void clear(__m512 (*sums)[PANELS], int panels, int tokens) {
    _Pragma("unroll") for (int t = 0; t < tokens; t++)
        _Pragma("unroll") for (int p = 0; p < panels; p++) sums[t][p] = _mm512_setzero_ps();
}

/* One group of 128 k, then its scales times its sums. */
INLINE void add_f8_group(
    const uint8_t *group, tm_float_tile in, int32_t count, int panels, int tokens,
    __m512 (*sums)[PANELS]) {
    __m512 parts[TILE][PANELS];
    clear(parts, panels, tokens);
    in.columns = group + offsetof(tm_panel_f8g128, codes);
    add_columns(TM_F8G128, &in, count, panels, tokens, parts);
    _Pragma("unroll") for (int p = 0; p < panels; p++) {
        __m512 scale = _mm512_loadu_ps(group + (size_t)p * in.panel_bytes);
        scale = _mm512_mul_ps(scale, _mm512_set1_ps(256));
        _Pragma("unroll") for (int t = 0; t < tokens; t++)
            sums[t][p] = _mm512_fmadd_ps(scale, parts[t][p], sums[t][p]);
    }
}

INLINE void float_tile(
    tm_format format, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    tm_float_tile in = {
        panel, panel_bytes, x->values + (size_t)first * x->value_stride, x->value_stride};
    __m512 sums[TILE][PANELS];
    clear(sums, panels, tokens);
    if (format != TM_F8G128) add_columns(format, &in, x->k, panels, tokens, sums);
    for (int32_t k = 0; format == TM_F8G128 && k < x->k; k += 128, in.values += 128) {
        int32_t count = x->k - k < 128 ? x->k - k : 128;
        add_f8_group((const uint8_t *)tm_f8_group(panel, k), in, count, panels, tokens, sums);
    }
    _Pragma("unroll") for (int t = 0; t < tokens; t++) {
        float *out = y + (size_t)(first + t) * y_stride;
        _Pragma("unroll") for (int p = 0; p < panels; p++)
            tm_store16(out + p * TM_PANEL_ROWS, sums[t][p], add);
    }
}

#define TILES(panels, size)                                                                     \
    for (; t + size <= x->tokens; t += size)                                                    \
        float_tile(format, panel, bytes, panels, x, t, size, out, y_stride, add);

INLINE void matmul_float(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin, count; p < panel_end; p += count) {
        int32_t left = panel_end - p;
        count = x->tokens <= 2 && left >= 4 ? 4 : left >= 2 ? 2 : 1;
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        if (count == 4) {
            TILES(4, 2)
            TILES(4, 1)
        }
        if (count == 2) {
            TILES(2, TILE)
            TILES(2, 4)
            TILES(2, 2)
            TILES(2, 1)
        }
        TILES(1, 4)
        TILES(1, 1)
    }
}

#define MATMUL_FLOAT(name, NAME)                                                                \
    void tm_avx512_##name(                                                                      \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_float(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);           \
    }
TM_FLOAT_FORMATS(MATMUL_FLOAT)

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
