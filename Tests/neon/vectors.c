/* Activations quantised, bit for bit, and the steps between products, within rounding. */

#include "test.h"

enum { MOST = 11 * TM_BLOCK };

static void check_quantize(const tm_kernels *const *levels) {
    static float x[MOST];
    for (int k = TM_BLOCK; k <= 11 * TM_BLOCK; k += TM_BLOCK)
        for (int special = 0; special < 5; special++) {
            static const float values[] = {1.5f, NAN, -INFINITY, 1e38f, 1e-42f};
            for (int i = 0; i < k; i++) x[i] = special == 4 ? 0 : random_float();
            x[random_below(k)] = values[special];
            int8_t quants[2][MOST];
            float scales[2][MOST / TM_BLOCK];
            int16_t sums[2][MOST / 16];
            levels[0]->quantize(x, k, quants[0], scales[0], sums[0]);
            for (int level = 1; levels[level]; level++) {
                levels[level]->quantize(x, k, quants[1], scales[1], sums[1]);
                size_t blocks = (size_t)k / TM_BLOCK;
                if (memcmp(quants[0], quants[1], (size_t)k) ||
                    memcmp(scales[0], scales[1], blocks * sizeof(float)) ||
                    memcmp(sums[0], sums[1], 2 * blocks * sizeof(int16_t)))
                    fail(levels[level]->name, "quantize", k, special, 0);
            }
        }
}

typedef void vector_step(
    const tm_kernels *kernels, const float *a, const float *b, int n, float *out);

static void rms_norm(const tm_kernels *kernels, const float *a, const float *b, int n, float *out) {
    kernels->rms_norm(a, b, n, 1e-5f, out);
}

static void swiglu(const tm_kernels *kernels, const float *a, const float *b, int n, float *out) {
    memcpy(out, a, (size_t)n * sizeof *a);
    kernels->swiglu(out, b, n);
}

static void add(const tm_kernels *kernels, const float *a, const float *b, int n, float *out) {
    memcpy(out, a, (size_t)n * sizeof *a);
    kernels->add(out, b, n);
}

static void check_steps(const tm_kernels *const *levels) {
    static const struct { const char *name; vector_step *step; } steps[] = {
        {"rms_norm", rms_norm}, {"swiglu", swiglu}, {"add", add},
    };
    static const float special[] = {0, -0.0f, 100, -100, 88, -88, 1e30f, -1e30f};
    float a[80], b[80], out[2][80];
    for (int i = 0; i < 80; i++) {
        a[i] = i % 10 == 9 ? special[i / 10] : 8 * random_float();
        b[i] = random_float();
    }
    for (int s = 0; s < 3; s++)
        for (int n = 1; n < 79; n++)
            for (int level = 1; levels[level]; level++) {
                for (int i = 0; i < 80; i++) out[0][i] = out[1][i] = untouched;
                /* The large ones would hide all others in a mean. */
                const float *in = s == 0 ? b : a;
                steps[s].step(levels[0], in, b, n, out[0]);
                steps[s].step(levels[level], in, b, n, out[1]);
                for (int i = 0; i < 80; i++)
                    if (!close_to(out[1][i], out[0][i], i < n ? fabsf(out[0][i]) + 1e-30f : 0))
                        fail(levels[level]->name, steps[s].name, n, i, 0);
            }
}

void check_vectors(const tm_kernels *const *levels) {
    check_quantize(levels);
    check_steps(levels);
}
