/* Attention over the paged cache, and the rotation of queries and keys, with AVX2 and FMA. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define INLINE TM_INLINE

INLINE float sum8(__m256 v) {
    __m128 m = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_add_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_add_ss(m, _mm_shuffle_ps(m, m, 1)));
}

INLINE float largest8(__m256 v) {
    __m128 m = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    m = _mm_max_ps(m, _mm_movehl_ps(m, m));
    return _mm_cvtss_f32(_mm_max_ss(m, _mm_shuffle_ps(m, m, 1)));
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

static void rope(float *x, const float *cosines, const float *sines, int32_t width) {
    int32_t half = width / 2, i = 0;
    for (; i + 8 <= half; i += 8) {
        __m256 a = _mm256_loadu_ps(x + i), b = _mm256_loadu_ps(x + i + half);
        __m256 c = _mm256_loadu_ps(cosines + i), s = _mm256_loadu_ps(sines + i);
        _mm256_storeu_ps(x + i, _mm256_fmsub_ps(a, c, _mm256_mul_ps(b, s)));
        _mm256_storeu_ps(x + i + half, _mm256_fmadd_ps(b, c, _mm256_mul_ps(a, s)));
    }
    for (; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = a * cosines[i] - b * sines[i];
        x[i + half] = b * cosines[i] + a * sines[i];
    }
}

/* ---- attention ---- */

/* scores[t] = scale * sum over d of q[d] * key[d][t], even and odd d summed apart so that eight
 * chains keep both multipliers busy. */
INLINE void scores32(const float *q, const float *key, int32_t width, float scale, __m256 scores[4]) {
    __m256 even[4], odd[4];
    for (int i = 0; i < 4; i++) even[i] = odd[i] = _mm256_setzero_ps();
    int32_t d = 0;
    for (; d + 2 <= width; d += 2, key += 2 * TM_KV_BLOCK) {
        __m256 a = _mm256_broadcast_ss(q + d), b = _mm256_broadcast_ss(q + d + 1);
        _Pragma("unroll") for (int i = 0; i < 4; i++) {
            even[i] = _mm256_fmadd_ps(a, _mm256_loadu_ps(key + 8 * i), even[i]);
            odd[i] = _mm256_fmadd_ps(b, _mm256_loadu_ps(key + TM_KV_BLOCK + 8 * i), odd[i]);
        }
    }
    for (int i = 0; i < 4; i++) {
        if (d < width)
            even[i] = _mm256_fmadd_ps(
                _mm256_broadcast_ss(q + d), _mm256_loadu_ps(key + 8 * i), even[i]);
        scores[i] = _mm256_mul_ps(_mm256_add_ps(even[i], odd[i]), _mm256_set1_ps(scale));
    }
}

/* out[d] = out[d] * shrink + sum over t of weights[t] * value[t][d] */
INLINE void mix(
    const float *weights, int32_t count, const float *value, int32_t width, float shrink,
    float *out) {
    __m256 shrinks = _mm256_set1_ps(shrink);
    int32_t d = 0;
    for (; d + 64 <= width; d += 64) {
        __m256 sums[8];
        for (int i = 0; i < 8; i++) sums[i] = _mm256_mul_ps(_mm256_loadu_ps(out + d + 8 * i), shrinks);
        for (int32_t t = 0; t < count; t++) {
            __m256 weight = _mm256_broadcast_ss(weights + t);
            const float *row = value + (size_t)t * (size_t)width + d;
            _Pragma("unroll") for (int i = 0; i < 8; i++)
                sums[i] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(row + 8 * i), sums[i]);
        }
        for (int i = 0; i < 8; i++) _mm256_storeu_ps(out + d + 8 * i, sums[i]);
    }
    for (; d + 8 <= width; d += 8) {
        __m256 sum = _mm256_mul_ps(_mm256_loadu_ps(out + d), shrinks);
        for (int32_t t = 0; t < count; t++)
            sum = _mm256_fmadd_ps(
                _mm256_broadcast_ss(weights + t),
                _mm256_loadu_ps(value + (size_t)t * (size_t)width + d), sum);
        _mm256_storeu_ps(out + d, sum);
    }
    for (; d < width; d++) {
        float sum = out[d] * shrink;
        for (int32_t t = 0; t < count; t++) sum += weights[t] * value[(size_t)t * (size_t)width + d];
        out[d] = sum;
    }
}

/* tanh(x) = 1 - 2 / (e^2x + 1); the error is within one unit of the last place of 1. */
INLINE __m256 tanh8(__m256 x) {
    const __m256 one = _mm256_set1_ps(1), two = _mm256_set1_ps(2);
    return _mm256_sub_ps(one, _mm256_div_ps(two, _mm256_add_ps(exp8(_mm256_mul_ps(two, x)), one)));
}

/* The sink, where there is one, is a score that came before all others. */
static void attend_head(const tm_attention *cache, const float *q, const float *sink, float *out) {
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    int32_t width = cache->head_width, out_width = cache->value_width;
    float maximum = sink ? *sink : -INFINITY, total = sink ? 1 : 0;
    memset(out, 0, (size_t)out_width * sizeof *out);
    for (int32_t b = cache->first / TM_KV_BLOCK; b * TM_KV_BLOCK < cache->tokens; b++) {
        int32_t start = b * TM_KV_BLOCK;
        int32_t begin = cache->first > start ? cache->first - start : 0;
        int32_t end = cache->tokens - start < TM_KV_BLOCK ? cache->tokens - start : TM_KV_BLOCK;
        size_t at = (size_t)cache->blocks[b] * cache->block_stride;
        __m256 scores[4], most = _mm256_set1_ps(maximum);
        scores32(q, cache->keys + at, width, cache->scale, scores);
        for (int i = 0; i < 4; i++) {
            if (cache->softcap > 0) {
                __m256 cap = _mm256_set1_ps(cache->softcap);
                scores[i] = _mm256_mul_ps(cap, tanh8(_mm256_div_ps(scores[i], cap)));
            }
            /* Lanes outside the window hold whatever was there before; they must not count. */
            __m256i before_end = _mm256_cmpgt_epi32(_mm256_set1_epi32(end - 8 * i), lanes);
            __m256i from_begin = _mm256_cmpgt_epi32(lanes, _mm256_set1_epi32(begin - 8 * i - 1));
            scores[i] = _mm256_blendv_ps(
                _mm256_set1_ps(-INFINITY), scores[i],
                _mm256_castsi256_ps(_mm256_and_si256(before_end, from_begin)));
            most = _mm256_max_ps(most, scores[i]);
        }
        float largest = largest8(most);
        float weights[TM_KV_BLOCK];
        __m256 sums = _mm256_setzero_ps();
        for (int i = 0; i < 4; i++) {
            __m256 weight = exp8(_mm256_sub_ps(scores[i], _mm256_set1_ps(largest)));
            _mm256_storeu_ps(weights + 8 * i, weight);
            sums = _mm256_add_ps(sums, weight);
        }
        float shrink = _mm256_cvtss_f32(exp8(_mm256_set1_ps(maximum - largest)));
        total = total * shrink + sum8(sums);
        const float *values = cache->values + at + (size_t)begin * (size_t)out_width;
        mix(weights + begin, end - begin, values, out_width, shrink, out);
        maximum = largest;
    }
    float inverse = 1.0f / total;
    for (int32_t d = 0; d < out_width; d++) out[d] *= inverse;
}

static void attend(const tm_attention *cache, const float *q, int32_t heads, float *out) {
    for (int32_t h = 0; h < heads; h++)
        attend_head(
            cache, q + (size_t)h * (size_t)cache->head_width,
            cache->sinks ? cache->sinks + h : NULL, out + (size_t)h * (size_t)cache->value_width);
}

#pragma clang attribute pop

const tm_attention_kernels tm_avx2_attention = {.rope = rope, .attend = attend};
const tm_attention_kernels tm_avx512_attention = {.rope = rope, .attend = attend};

#else
typedef int tm_no_avx2_attention_here;
#endif
