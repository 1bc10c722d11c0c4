/* The definition of every kernel in plain C. Other levels must agree: exactly where all arithmetic
 * is integer up to one fused multiply-add per block, within rounding elsewhere. */

#include <math.h>

#include "impl.h"

/* A bound on tokens handled per pass, so that sums live on the stack. */
#define TILE 4

static void store(const float *sums, float *y, int32_t add) {
    for (int r = 0; r < TM_PANEL_ROWS; r++) y[r] = add ? y[r] + sums[r] : sums[r];
}

TM_INLINE void matmul_float(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin; p < panel_end; p++) {
        const void *panel = (const char *)panels + (size_t)p * bytes;
        for (int32_t first = 0; first < x->tokens; first += TILE) {
            int32_t count = x->tokens - first < TILE ? x->tokens - first : TILE;
            float sums[TILE][TM_PANEL_ROWS] = {{0}};
            for (int32_t k = 0; k < x->k; k++) {
                float w[TM_PANEL_ROWS];
                for (int r = 0; r < TM_PANEL_ROWS; r++) w[r] = tm_float_weight(format, panel, k, r);
                for (int32_t t = 0; t < count; t++) {
                    float value = x->values[(size_t)(first + t) * x->value_stride + (size_t)k];
                    for (int r = 0; r < TM_PANEL_ROWS; r++) sums[t][r] += w[r] * value;
                }
            }
            for (int32_t t = 0; t < count; t++)
                store(sums[t], y + (size_t)(first + t) * y_stride + (size_t)p * TM_PANEL_ROWS, add);
        }
    }
}

/* part after one step of 32 k: the order that tm_matmul_fn promises. */
static float step(
    const tm_layout *layout, const tm_row_block *w, const int8_t *x, int is_first, float part) {
    int width = TM_BLOCK / layout->segments;
    for (int s = 0; s < layout->segments; s++) {
        int32_t dot = 0, total = 0;
        for (int i = s * width; i < (s + 1) * width; i++) {
            dot += w->quants[i] * x[i];
            total += x[i];
        }
        part = is_first && s == 0 ? w->scale[s] * (float)dot : fmaf(w->scale[s], (float)dot, part);
        if (layout->mins) part = fmaf(w->min[s], (float)total, part);
    }
    return part;
}

static void matmul_quant(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t bytes = tm_panel_bytes(format, x->k), blocks = (size_t)(x->k / TM_BLOCK);
    const size_t group = TM_X_GROUP / TM_BLOCK;
    for (int32_t p = panel_begin; p < panel_end; p++) {
        const void *panel = (const char *)panels + (size_t)p * bytes;
        for (int32_t first = 0; first < x->tokens; first += TILE) {
            int32_t count = x->tokens - first < TILE ? x->tokens - first : TILE;
            float sums[TILE][TM_PANEL_ROWS] = {{0}}, parts[TILE][TM_PANEL_ROWS] = {{0}};
            for (size_t b = 0; b < blocks; b++)
                for (int r = 0; r < TM_PANEL_ROWS; r++) {
                    tm_row_block w;
                    tm_read_block(format, panel, (int32_t)b, r, &w);
                    for (int32_t t = 0; t < count; t++) {
                        size_t at = (size_t)(first + t) * blocks + b;
                        const int8_t *quants = x->quants + at * TM_BLOCK;
                        float *part = &parts[t][r];
                        *part = step(&layout, &w, quants, b % group == 0, *part);
                        if (b % group != group - 1 && b != blocks - 1) continue;
                        sums[t][r] = fmaf(x->scales[at], *part, sums[t][r]);
                    }
                }
            for (int32_t t = 0; t < count; t++)
                store(sums[t], y + (size_t)(first + t) * y_stride + (size_t)p * TM_PANEL_ROWS, add);
        }
    }
}

#define MATMUL(kind, name, NAME)                                                                \
    static void matmul_##name(                                                                  \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        matmul_##kind(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);          \
    }
#define MATMUL_FLOAT(name, NAME) MATMUL(float, name, NAME)
#define MATMUL_QUANT(name, NAME) MATMUL(quant, name, NAME)
TM_FLOAT_FORMATS(MATMUL_FLOAT)
TM_QUANT_FORMATS(MATMUL_QUANT)

static void quantize(const float *x, int32_t k, int8_t *quants, float *scales, int16_t *sums) {
    for (int32_t start = 0; start < k; start += TM_X_GROUP) {
        int32_t end = k - start < TM_X_GROUP ? k : start + TM_X_GROUP;
        float largest = 0;
        for (int32_t i = start; i < end; i++)
            largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
        float inverse = largest > 0 ? 127.0f / largest : 0;
        for (int32_t i = start; i < end; i++) {
            /* The comparisons send NaN to -127, as the vector levels do. */
            float value = x[i] * inverse;
            value = value > -127.0f ? value : -127.0f;
            value = value < 127.0f ? value : 127.0f;
            quants[i] = (int8_t)rintf(value);
            sums[i / 16] = (int16_t)((i % 16 == 0 ? 0 : sums[i / 16]) + quants[i]);
        }
        for (int32_t i = start; i < end; i += TM_BLOCK) scales[i / TM_BLOCK] = largest / 127.0f;
    }
}

static void rms_norm(const float *x, const float *weight, int32_t n, float epsilon, float *out) {
    float sum = 0;
    for (int32_t i = 0; i < n; i++) sum += x[i] * x[i];
    float scale = 1.0f / sqrtf(sum / (float)n + epsilon);
    for (int32_t i = 0; i < n; i++) out[i] = x[i] * scale * weight[i];
}

static void rope(float *x, const float *cosines, const float *sines, int32_t width) {
    int32_t half = width / 2;
    for (int32_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        x[i] = a * cosines[i] - b * sines[i];
        x[i + half] = b * cosines[i] + a * sines[i];
    }
}

static void swiglu(float *gate, const float *up, int32_t n) {
    for (int32_t i = 0; i < n; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

static void add(float *x, const float *y, int32_t n) {
    for (int32_t i = 0; i < n; i++) x[i] += y[i];
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

#define TABLE(level_name, ...)                                                                  \
    {.name = level_name,                                                                        \
     .matmul = {__VA_ARGS__},                                                                   \
     .quantize = quantize,                                                                      \
     .rms_norm = rms_norm,                                                                      \
     .rope = rope,                                                                              \
     .swiglu = swiglu,                                                                          \
     .add = add,                                                                                \
     .attend = attend}
#define ENTRY(name, NAME) [TM_##NAME] = matmul_##name,
const tm_kernels tm_portable =
    TABLE("portable", TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY));

#if defined(__aarch64__)
/* Only products are written for NEON; the rest the compiler makes vectors of. */
#define ENTRY_NEON(name, NAME) [TM_##NAME] = tm_neon_##name,
#define ENTRY_I8MM(name, NAME) [TM_##NAME] = tm_neon_i8mm_##name,
const tm_kernels tm_neon =
    TABLE("neon", TM_FLOAT_FORMATS(ENTRY_NEON) TM_QUANT_FORMATS(ENTRY_NEON));
const tm_kernels tm_neon_i8mm =
    TABLE("neon i8mm", TM_FLOAT_FORMATS(ENTRY_NEON) TM_QUANT_FORMATS(ENTRY_I8MM));
#endif
