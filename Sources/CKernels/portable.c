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

static void swiglu(float *gate, const float *up, int32_t n) {
    for (int32_t i = 0; i < n; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

static void add(float *x, const float *y, int32_t n) {
    for (int32_t i = 0; i < n; i++) x[i] += y[i];
}

#define ENTRY(name, NAME) [TM_##NAME] = matmul_##name,
const tm_kernels tm_portable = {
    .name = "portable",
    .matmul = {TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY)},
    .quantize = quantize,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .add = add,
    .attention = &tm_portable_attention,
};
