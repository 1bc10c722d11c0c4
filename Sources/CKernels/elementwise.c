/* Steps that only some families take: plain C, which compilers turn into vector code. */

#include <math.h>

#include "impl.h"

void tm_layer_norm(
    const float *x, const float *weight, const float *bias, int32_t n, float epsilon, float *out) {
    float sum = 0, squares = 0;
    for (int32_t i = 0; i < n; i++) sum += x[i];
    float mean = sum / (float)n;
    for (int32_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    float scale = 1.0f / sqrtf(squares / (float)n + epsilon);
    for (int32_t i = 0; i < n; i++) {
        float value = (x[i] - mean) * scale * weight[i];
        out[i] = bias ? value + bias[i] : value;
    }
}

static inline float silu(float x) { return x / (1.0f + expf(-x)); }

static inline float gelu(float x) { return 0.5f * x * (1.0f + erff(x * 0.70710678f)); }

/* x / 2 * (1 + tanh(u)) is x * sigmoid(2 u). */
static inline float gelu_tanh(float x) {
    float u = 0.7978845608f * (x + 0.044715f * x * x * x);
    return x / (1.0f + expf(-2.0f * u));
}

static inline float apply(tm_activation f, float x) {
    switch (f) {
    case TM_SILU: return silu(x);
    case TM_GELU: return gelu(x);
    case TM_GELU_TANH: return gelu_tanh(x);
    case TM_RELU: return x > 0 ? x : 0;
    default: return x;
    }
}

void tm_activate(tm_activation f, float *x, int32_t n) {
    for (int32_t i = 0; i < n; i++) x[i] = apply(f, x[i]);
}

void tm_activate_gate(tm_activation f, float *gate, const float *up, int32_t n) {
    for (int32_t i = 0; i < n; i++) gate[i] = apply(f, gate[i]) * up[i];
}

void tm_clamped_swiglu(float *gate, const float *up, int32_t n, float alpha, float limit) {
    for (int32_t i = 0; i < n; i++) {
        float g = fminf(gate[i], limit), u = fminf(fmaxf(up[i], -limit), limit);
        gate[i] = g / (1.0f + expf(-alpha * g)) * (u + 1.0f);
    }
}

void tm_scale(float *x, int32_t n, float factor) {
    for (int32_t i = 0; i < n; i++) x[i] *= factor;
}

void tm_add_scaled(float *x, const float *y, int32_t n, float factor) {
    for (int32_t i = 0; i < n; i++) x[i] += y[i] * factor;
}

void tm_softcap(float *x, int32_t n, float cap) {
    for (int32_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

void tm_rope_pairs(float *x, const float *cosines, const float *sines, int32_t width) {
    for (int32_t i = 0; i < width / 2; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[i] - b * sines[i];
        x[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
}
