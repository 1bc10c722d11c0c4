/* AVX-512 BF16: vdpbf16ps multiplies pairs of bfloat16 and adds both products to a float, twice the
 * rate of float multiply-adds. x is rounded to bfloat16 (to nearest even), as int8 formats round it
 * to 8 bits; two or three bfloat16 per float would be exact and no faster than floats are. */

#if defined(__x86_64__)

#include "avx512.h"

#define TARGET TM_AVX512_TARGET ",avx512bf16"
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)

/* A tile: 12 sums of the 32 registers there are. */
#define PANELS 3
#define TILE 4
/* x is rounded once for so many panels: so many k, whose weights of three panels stay in the first
 * cache, of so many tokens. */
#define GROUP 12
#define SLAB 256
#define TOKENS 64

typedef struct {
    _Alignas(64) uint16_t x[TOKENS][SLAB];
    _Alignas(64) float sums[TOKENS][GROUP * TM_PANEL_ROWS];
} tm_bf16_work;

/* Part of the matrix and of x: `panels` of a group, the tokens from `first`, k from `k`. */
typedef struct {
    const uint8_t *weights;
    size_t panel_bytes;
    int32_t panels, first, tokens, k, columns;
} tm_bf16_part;

INLINE __m512 values_at(const float *x, int32_t left) {
    if (left >= 16) return _mm512_loadu_ps(x);
    return _mm512_maskz_loadu_ps((__mmask16)(left > 0 ? (1 << left) - 1 : 0), x);
}

/* Rounds a slab of x; beyond its columns there are zeros. */
INLINE void round_x(const tm_activations *x, const tm_bf16_part *part, tm_bf16_work *work) {
    for (int32_t t = 0; t < part->tokens; t++) {
        const float *in = x->values + (size_t)(part->first + t) * x->value_stride + part->k;
        for (int32_t i = 0; i < part->columns; i += 32) {
            int32_t left = part->columns - i;
            __m512bh rounded = _mm512_cvtne2ps_pbh(
                values_at(in + i + 16, left - 16), values_at(in + i, left));
            _mm512_storeu_si512(work->x[t] + i, (__m512i)rounded);
        }
    }
}

/* In the order it is written, see add_dot of the integers. */
INLINE void add_pair(__m512 *sum, __m512i weights, __m512i value) {
    __asm__ volatile("vdpbf16ps %2, %1, %0" : "+v"(*sum) : "v"(weights), "v"(value));
}

/* work->sums += the slab times `tokens` tokens from `t`, for panels from `p`. */
INLINE void bf16_tile(
    const tm_bf16_part *part, tm_bf16_work *work, int32_t p, int32_t t, int panels, int tokens) {
    const uint8_t *weights = part->weights + (size_t)p * part->panel_bytes;
    __m512 sums[TILE][PANELS];
    _Pragma("unroll") for (int i = 0; i < tokens; i++)
        _Pragma("unroll") for (int j = 0; j < panels; j++)
            sums[i][j] = part->k == 0
                             ? _mm512_setzero_ps()
                             : _mm512_loadu_ps(work->sums[t + i] + (p + j) * TM_PANEL_ROWS);
    for (int32_t k = 0; k < part->columns; k += 2, weights += 64) {
        __m512i w[PANELS];
        _Pragma("unroll") for (int j = 0; j < panels; j++) {
            const uint8_t *at = weights + (size_t)j * part->panel_bytes;
            w[j] = _mm512_loadu_si512(at);
            if (t == 0) _mm_prefetch((const char *)at + SLAB * 32, _MM_HINT_T1);
        }
        _Pragma("unroll") for (int i = 0; i < tokens; i++) {
            int32_t pair;
            memcpy(&pair, work->x[t + i] + k, sizeof pair);
            __m512i value = _mm512_set1_epi32(pair);
            _Pragma("unroll") for (int j = 0; j < panels; j++) add_pair(&sums[i][j], w[j], value);
        }
    }
    _Pragma("unroll") for (int i = 0; i < tokens; i++)
        _Pragma("unroll") for (int j = 0; j < panels; j++)
            _mm512_storeu_ps(work->sums[t + i] + (p + j) * TM_PANEL_ROWS, sums[i][j]);
}

#define TILES(panels, size)                                                                     \
    for (; t + size <= part->tokens; t += size) bf16_tile(part, work, p, t, panels, size);

INLINE void add_slab(const tm_bf16_part *part, tm_bf16_work *work) {
    for (int32_t p = 0, t; p < part->panels; p += PANELS) {
        t = 0;
        if (part->panels - p >= 3) {
            TILES(3, 4)
            TILES(3, 1)
        } else {
            for (int32_t one = p; one < part->panels; one++, t = 0)
                for (; t < part->tokens; t++) bf16_tile(part, work, one, t, 1, 1);
        }
    }
}

void tm_avx512_bf16_pairs(
    const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,
    float *y, size_t y_stride, int32_t add) {
    tm_bf16_work work;
    tm_bf16_part part = {.panel_bytes = tm_panel_bytes(TM_BF16, x->k)};
    for (; part.first < x->tokens; part.first += TOKENS) {
        int32_t left = x->tokens - part.first;
        part.tokens = left < TOKENS ? left : TOKENS;
        for (int32_t p = panel_begin; p < panel_end; p += GROUP) {
            part.panels = panel_end - p < GROUP ? panel_end - p : GROUP;
            for (part.k = 0; part.k < x->k; part.k += SLAB) {
                part.columns = x->k - part.k < SLAB ? x->k - part.k : SLAB;
                part.weights = (const uint8_t *)panels + (size_t)p * part.panel_bytes +
                               (size_t)part.k * TM_PANEL_ROWS * 2;
                round_x(x, &part, &work);
                add_slab(&part, &work);
            }
            for (int32_t t = 0; t < part.tokens; t++)
                for (int32_t j = 0; j < part.panels; j++)
                    tm_store16(
                        y + (size_t)(part.first + t) * y_stride + (size_t)(p + j) * TM_PANEL_ROWS,
                        _mm512_loadu_ps(work.sums[t] + j * TM_PANEL_ROWS), add);
        }
    }
}

double tm_avx512_probe_bf16(int64_t rounds, float *sink) {
    __m512 sums[12];
    __m512i a = _mm512_set1_epi32(0x3F803F80), b = _mm512_set1_epi32(0x30003000);
    for (int i = 0; i < 12; i++) sums[i] = _mm512_setzero_ps();
    for (int64_t round = 0; round < rounds; round++)
        _Pragma("unroll") for (int i = 0; i < 12; i++) add_pair(&sums[i], a, b);
    for (int i = 1; i < 12; i++) sums[0] = _mm512_add_ps(sums[0], sums[i]);
    *sink += _mm512_reduce_add_ps(sums[0]);
    return (double)rounds * 12 * 64;
}

#pragma clang attribute pop

#else
typedef int tm_no_avx512_bf16_here;
#endif
