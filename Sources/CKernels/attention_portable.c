/* Attention over the paged cache, and the rotation of queries and keys, in plain C. */

#include <math.h>

#include "impl.h"

static void rope(float *x, const float *cosines, const float *sines, int32_t width) {
    int32_t half = width / 2;
    for (int32_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = a * cosines[i] - b * sines[i];
        x[i + half] = b * cosines[i] + a * sines[i];
    }
}

/* The sink, where there is one, is a score that came before all others. */
static void attend_head(const tm_attention *cache, const float *q, const float *sink, float *out) {
    int32_t width = cache->head_width, out_width = cache->value_width;
    float maximum = sink ? *sink : -INFINITY, total = sink ? 1 : 0;
    memset(out, 0, (size_t)out_width * sizeof *out);
    for (int32_t b = cache->first / TM_KV_BLOCK; b * TM_KV_BLOCK < cache->tokens; b++) {
        int32_t start = b * TM_KV_BLOCK;
        int32_t begin = cache->first > start ? cache->first - start : 0;
        int32_t end = cache->tokens - start < TM_KV_BLOCK ? cache->tokens - start : TM_KV_BLOCK;
        size_t at = (size_t)cache->blocks[b] * cache->block_stride;
        const float *keys = cache->keys + at, *values = cache->values + at;
        float weights[TM_KV_BLOCK], largest = maximum;
        for (int32_t t = begin; t < end; t++) {
            float score = 0;
            for (int32_t d = 0; d < width; d++) score += q[d] * keys[d * TM_KV_BLOCK + t];
            score *= cache->scale;
            if (cache->softcap > 0) score = cache->softcap * tanhf(score / cache->softcap);
            weights[t] = score;
            largest = score > largest ? score : largest;
        }
        float shrink = expf(maximum - largest);
        total *= shrink;
        for (int32_t d = 0; d < out_width; d++) out[d] *= shrink;
        for (int32_t t = begin; t < end; t++) {
            float weight = expf(weights[t] - largest);
            total += weight;
            for (int32_t d = 0; d < out_width; d++) out[d] += weight * values[t * out_width + d];
        }
        maximum = largest;
    }
    for (int32_t d = 0; d < out_width; d++) out[d] /= total;
}

static void attend(const tm_attention *cache, const float *q, int32_t heads, float *out) {
    for (int32_t h = 0; h < heads; h++)
        attend_head(
            cache, q + (size_t)h * (size_t)cache->head_width,
            cache->sinks ? cache->sinks + h : NULL, out + (size_t)h * (size_t)cache->value_width);
}

void tm_store_kv(
    const float *key, const float *value, int32_t head_width, int32_t value_width, int32_t slot,
    float *keys, float *values) {
    for (int32_t d = 0; d < head_width; d++) keys[d * TM_KV_BLOCK + slot] = key[d];
    memcpy(values + (size_t)slot * (size_t)value_width, value, (size_t)value_width * sizeof *value);
}

const tm_attention_kernels tm_portable_attention = {.rope = rope, .attend = attend};
