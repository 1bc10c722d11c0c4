/* NEON with dotprod: 128-bit registers hold one k of four rows, or 4 k of bytes, and sdot
 * multiplies signed bytes. Every 64-bit Arm has the rest of what is used here. */

#if defined(__aarch64__)

#include <arm_neon.h>
#include <math.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#include "neon_quant.h"

#define INLINE TM_INLINE

/* ---- float matrices ---- */

/* Registers of a column of a panel. */
#define VECTORS 4
/* Tokens of a tile of one panel; of two panels there are at most 2. */
#define FLOAT_TILE 6

INLINE void clear(float32x4_t (*sums)[2][VECTORS], int panels, int tokens) {
    UNROLL for (int t = 0; t < tokens; t++)
        UNROLL for (int p = 0; p < panels; p++)
            UNROLL for (int v = 0; v < VECTORS; v++) sums[t][p][v] = vdupq_n_f32(0);
}

INLINE void store(
    float32x4_t (*sums)[2][VECTORS], int panels, int tokens, float *y, size_t y_stride,
    int32_t add) {
    UNROLL for (int t = 0; t < tokens; t++)
        UNROLL for (int i = 0; i < panels * VECTORS; i++) {
            float *out = y + (size_t)t * y_stride + 4 * i;
            float32x4_t sum = sums[t][i / VECTORS][i % VECTORS];
            vst1q_f32(out, add ? vaddq_f32(vld1q_f32(out), sum) : sum);
        }
}

/* 16 weights: column k of those at `base`; E4M3 without scales and 256 times too small. */
INLINE void load_column(tm_format format, const uint8_t *base, int32_t k, float32x4_t w[VECTORS]) {
    size_t at = (size_t)k * TM_PANEL_ROWS;
    if (format == TM_F8G128) {
        /* tm_e4m3_half: sign and magnitude one bit apart. */
        uint8x16_t codes = vld1q_u8(base + at);
        uint16x8_t wide[2] = {vmovl_u8(vget_low_u8(codes)), vmovl_high_u8(codes)};
        UNROLL for (int i = 0; i < 2; i++) {
            int16x8_t bits = vreinterpretq_s16_u16(wide[i] << (uint16_t)8) >> (int16_t)1;
            float16x8_t halves = vreinterpretq_f16_s16(bits & (int16_t)0xBF80);
            w[2 * i] = vcvt_f32_f16(vget_low_f16(halves));
            w[2 * i + 1] = vcvt_high_f32_f16(halves);
        }
        return;
    }
    UNROLL for (int v = 0; v < VECTORS; v++) switch (format) {
        case TM_F32: w[v] = vld1q_f32((const float *)base + at + 4 * v); break;
        case TM_F16: w[v] = halves_at((const uint16_t *)base + at, v); break;
        default: {
            /* Lanes have two columns: the even one comes up, the odd one is there. */
            const uint32_t *pairs = (const uint32_t *)base + (size_t)(k / 2) * TM_PANEL_ROWS;
            uint32x4_t both = vld1q_u32(pairs + 4 * v);
            uint32x4_t bits = vshlq_u32(both, vdupq_n_s32(k % 2 == 0 ? 16 : 0)) & 0xFFFF0000u;
            w[v] = vreinterpretq_f32_u32(bits);
        }
        }
}

/* sums[t][p] += columns times x of `count` k, which begin at `base` and `values`. */
INLINE void float_columns(
    tm_format format, const uint8_t *base, size_t panel_bytes, int panels, int32_t count,
    const float *values, size_t value_stride, int tokens, float32x4_t (*sums)[2][VECTORS]) {
    for (int32_t k = 0; k < count; k++)
        UNROLL for (int p = 0; p < panels; p++) {
            float32x4_t w[VECTORS];
            load_column(format, base + (size_t)p * panel_bytes, k, w);
            UNROLL for (int t = 0; t < tokens; t++)
                UNROLL for (int v = 0; v < VECTORS; v++)
                    sums[t][p][v] = vfmaq_n_f32(
                        sums[t][p][v], w[v], values[(size_t)t * value_stride + (size_t)k]);
        }
}

INLINE void float_tile(
    tm_format format, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    float32x4_t sums[FLOAT_TILE][2][VECTORS];
    clear(sums, panels, tokens);
    const float *values = x->values + (size_t)first * x->value_stride;
    if (format == TM_F8G128) {
        for (int32_t k = 0; k < x->k; k += 128) {
            const uint8_t *group = (const uint8_t *)tm_f8_group(panel, k);
            int32_t count = x->k - k < 128 ? x->k - k : 128;
            float32x4_t parts[FLOAT_TILE][2][VECTORS];
            clear(parts, panels, tokens);
            float_columns(
                format, group + offsetof(tm_panel_f8g128, codes), panel_bytes, panels, count,
                values + k, x->value_stride, tokens, parts);
            UNROLL for (int p = 0; p < panels; p++)
                UNROLL for (int v = 0; v < VECTORS; v++) {
                    const float *scales = (const float *)(group + (size_t)p * panel_bytes);
                    float32x4_t scale = vld1q_f32(scales + 4 * v) * 256.0f;
                    UNROLL for (int t = 0; t < tokens; t++)
                        sums[t][p][v] = vfmaq_f32(sums[t][p][v], scale, parts[t][p][v]);
                }
        }
    } else {
        float_columns(
            format, panel, panel_bytes, panels, x->k, values, x->value_stride, tokens, sums);
    }
    store(sums, panels, tokens, y + (size_t)first * y_stride, y_stride, add);
}

#define TILES(panels, count)                                                                    \
    for (; t + count <= x->tokens; t += count)                                                  \
        float_tile(format, panel, bytes, panels, x, t, count, out, y_stride, add);
INLINE void matmul_float(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin, pair; p < panel_end; p += pair) {
        /* Few tokens have too few sums to hide how long an addition takes: two panels have twice
         * as many. */
        pair = x->tokens < 4 && p + 1 < panel_end ? 2 : 1;
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        if (pair == 2) {
            TILES(2, 2)
            TILES(2, 1)
        }
        TILES(1, FLOAT_TILE)
        TILES(1, 4)
        TILES(1, 2)
        TILES(1, 1)
    }
}
#undef TILES

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

/* ---- activations ---- */

/* The largest magnitude of `count` (a multiple of 4) floats; 0 where all are NaN. */
INLINE float largest_of(const float *x, int32_t count) {
    float32x4_t most = vdupq_n_f32(0);
    for (int32_t i = 0; i < count; i += 4) {
        /* The comparison is false for NaN, which therefore never becomes the scale. */
        float32x4_t size = vabsq_f32(vld1q_f32(x + i));
        most = vbslq_f32(vcgtq_f32(size, most), size, most);
    }
    return vmaxvq_f32(most);
}

/* 16 quants of x / scale and their sum. */
INLINE void quantize16(const float *x, float inverse, int8_t *quants, int16_t *sum) {
    int32x4_t q[4];
    UNROLL for (int i = 0; i < 4; i++) {
        /* maxnm sends NaN to -127. */
        float32x4_t value = vmaxnmq_f32(vld1q_f32(x + 4 * i) * inverse, vdupq_n_f32(-127));
        q[i] = vcvtnq_s32_f32(vminnmq_f32(value, vdupq_n_f32(127)));
    }
    int16x8_t low = vmovn_high_s32(vmovn_s32(q[0]), q[1]);
    int16x8_t high = vmovn_high_s32(vmovn_s32(q[2]), q[3]);
    vst1q_s8(quants, vmovn_high_s16(vmovn_s16(low), high));
    *sum = vaddvq_s16(low + high);
}

static void quantize(const float *x, int32_t k, int8_t *quants, float *scales, int16_t *sums) {
    for (int32_t start = 0; start < k; start += TM_X_GROUP) {
        int32_t count = k - start < TM_X_GROUP ? k - start : TM_X_GROUP;
        float largest = largest_of(x + start, count);
        float inverse = largest > 0 ? 127.0f / largest : 0;
        for (int32_t i = start; i < start + count; i += 16)
            quantize16(x + i, inverse, quants + i, sums + i / 16);
        for (int32_t i = start; i < start + count; i += TM_BLOCK)
            scales[i / TM_BLOCK] = largest / 127.0f;
    }
}

/* ---- vectors ---- */

static void rms_norm(const float *x, const float *weight, int32_t n, float epsilon, float *out) {
    float32x4_t squares[4];
    UNROLL for (int j = 0; j < 4; j++) squares[j] = vdupq_n_f32(0);
    int32_t i = 0;
    for (; i + 16 <= n; i += 16)
        UNROLL for (int j = 0; j < 4; j++) {
            float32x4_t v = vld1q_f32(x + i + 4 * j);
            squares[j] = vfmaq_f32(squares[j], v, v);
        }
    float sum = vaddvq_f32((squares[0] + squares[1]) + (squares[2] + squares[3]));
    for (; i < n; i++) sum += x[i] * x[i];
    float scale = 1.0f / sqrtf(sum / (float)n + epsilon);
    for (i = 0; i + 4 <= n; i += 4)
        vst1q_f32(out + i, vld1q_f32(x + i) * scale * vld1q_f32(weight + i));
    for (; i < n; i++) out[i] = x[i] * scale * weight[i];
}

INLINE float32x4_t exp4(float32x4_t x) {
    uint32x4_t gone = vcltq_f32(x, vdupq_n_f32(TM_EXP_LOW));
    x = vminq_f32(vdupq_n_f32(TM_EXP_HIGH), vmaxq_f32(vdupq_n_f32(TM_EXP_LOW), x));
    float32x4_t n = vrndnq_f32(x * TM_LOG2E);
    float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(TM_LN2_HIGH));
    r = vfmsq_f32(r, n, vdupq_n_f32(TM_LN2_LOW));
    float32x4_t p = vdupq_n_f32(TM_EXP_C7);
    p = vfmaq_f32(vdupq_n_f32(TM_EXP_C6), p, r);
    p = vfmaq_f32(vdupq_n_f32(TM_EXP_C5), p, r);
    p = vfmaq_f32(vdupq_n_f32(TM_EXP_C4), p, r);
    p = vfmaq_f32(vdupq_n_f32(TM_EXP_C3), p, r);
    p = vfmaq_f32(vdupq_n_f32(TM_EXP_C2), p, r);
    p = vfmaq_f32(r + 1.0f, p, r * r);
    int32x4_t power = (vcvtq_s32_f32(n) + 127) << 23;
    return vreinterpretq_f32_u32(
        vbicq_u32(vreinterpretq_u32_f32(p * vreinterpretq_f32_s32(power)), gone));
}

static void swiglu(float *gate, const float *up, int32_t n) {
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) {
        float32x4_t g = vld1q_f32(gate + i);
        vst1q_f32(gate + i, g / (exp4(-g) + 1.0f) * vld1q_f32(up + i));
    }
    for (; i < n; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

static void add(float *x, const float *y, int32_t n) {
    int32_t i = 0;
    for (; i + 4 <= n; i += 4) vst1q_f32(x + i, vld1q_f32(x + i) + vld1q_f32(y + i));
    for (; i < n; i++) x[i] += y[i];
}

/* ---- what the machine can do ---- */

double tm_neon_probe_int8(int64_t rounds, int32_t *sink) {
    int32x4_t sums[16];
    int8x16_t a = vdupq_n_s8(3), b = vdupq_n_s8(5);
    UNROLL for (int i = 0; i < 16; i++) sums[i] = vdupq_n_s32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        UNROLL for (int i = 0; i < 16; i++) sums[i] = vdotq_s32(sums[i], a, b);
    }
    UNROLL for (int i = 1; i < 16; i++) sums[0] += sums[i];
    *sink += vaddvq_s32(sums[0]);
    return (double)rounds * 16 * 32;
}

double tm_neon_probe_f32(int64_t rounds, float *sink) {
    float32x4_t sums[16], a = vdupq_n_f32(1.0f), b = vdupq_n_f32(1e-9f);
    UNROLL for (int i = 0; i < 16; i++) sums[i] = vdupq_n_f32(0);
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+w"(a), "+w"(b));
        UNROLL for (int i = 0; i < 16; i++) sums[i] = vfmaq_f32(sums[i], a, b);
    }
    UNROLL for (int i = 1; i < 16; i++) sums[0] += sums[i];
    *sink += vaddvq_f32(sums[0]);
    return (double)rounds * 16 * 8;
}

#pragma clang attribute pop

#define ENTRY(name, NAME) [TM_##NAME] = matmul_##name,
const tm_kernels tm_neon_dotprod = {
    .name = "neon-dotprod",
    .matmul = {TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY)},
    .quantize = quantize,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .add = add,
    .attention = &tm_neon_attention,
};

/* Only products of bytes are another instruction; the rest is shared. */
#define ENTRY_I8MM(name, NAME) [TM_##NAME] = tm_i8mm_##name,
const tm_kernels tm_neon_i8mm = {
    .name = "neon-i8mm",
    .matmul = {TM_FLOAT_FORMATS(ENTRY) TM_QUANT_FORMATS(ENTRY_I8MM)},
    .quantize = quantize,
    .rms_norm = rms_norm,
    .swiglu = swiglu,
    .add = add,
    .attention = &tm_i8mm_attention,
};

#else
typedef int tm_no_neon_here;
#endif
