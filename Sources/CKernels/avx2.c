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

/* Products are where other instructions pay; the rest is shared. */
#define TABLE(level_name, level_attention, ...)                                                 \
    {.name = level_name,                                                                        \
     .matmul = {__VA_ARGS__},                                                                   \
     .quantize = quantize,                                                                      \
     .rms_norm = rms_norm,                                                                      \
     .swiglu = swiglu,                                                                          \
     .add = add,                                                                                \
     .attention = &level_attention}
#define ENTRY(name, NAME) [TM_##NAME] = matmul_##name,
#define ENTRY_AVX2(name, NAME) [TM_##NAME] = tm_avx2_##name,
#define ENTRY_VNNI(name, NAME) [TM_##NAME] = tm_avxvnni_##name,
#define ENTRY_512(name, NAME) [TM_##NAME] = tm_avx512_##name,
const tm_kernels tm_avx2 = TABLE(
    "avx2", tm_avx2_attention, TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY_AVX2));
const tm_kernels tm_avxvnni = TABLE(
    "avxvnni", tm_avx2_attention, TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY_VNNI));
const tm_kernels tm_avx512 = TABLE(
    "avx512", tm_avx512_attention, TM_FLOAT_FORMATS(ENTRY_512) TM_QUANT_FORMATS(ENTRY_512));
const tm_kernels tm_avx512_with_bf16 = TABLE(
    "avx512bf16", tm_avx512_attention, [TM_F32] = tm_avx512_f32, [TM_F16] = tm_avx512_f16,
    [TM_BF16] = tm_avx512_bf16_pairs, [TM_F8G128] = tm_avx512_f8g128, TM_QUANT_FORMATS(ENTRY_512));

#else
typedef int tm_no_avx2_here;
#endif
