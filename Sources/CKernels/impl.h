#ifndef TM_IMPL_H
#define TM_IMPL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/* One macro call per format that multiplies floats, and per format that multiplies integers. */
#define TM_FLOAT_FORMATS(X) X(f32, F32) X(f16, F16) X(bf16, BF16) X(f8g128, F8G128)
#define TM_QUANT_FORMATS(X)                                                                     \
    X(q8_0, Q8_0) X(q4_0, Q4_0) X(q4_1, Q4_1) X(q5_0, Q5_0) X(q5_1, Q5_1) X(iq4_nl, IQ4_NL)     \
    X(mxfp4, MXFP4) X(q2_k, Q2_K) X(q3_k, Q3_K) X(q4_k, Q4_K) X(q5_k, Q5_K) X(q6_k, Q6_K)       \
    X(iq4_xs, IQ4_XS) X(u4g32, U4G32) X(u4g128, U4G128) X(s8g32, S8G32) X(s8g128, S8G128)

/* Every level's table; dispatch.c decides which may run here. */
extern const tm_kernels tm_portable;
extern const tm_attention_kernels tm_portable_attention;
#if defined(__x86_64__)
extern const tm_kernels tm_avx2, tm_avxvnni;
extern const tm_attention_kernels tm_avx2_attention;
#define TM_DECLARE_AVX2(name, NAME) tm_matmul_fn tm_avx2_##name, tm_avxvnni_##name;
TM_QUANT_FORMATS(TM_DECLARE_AVX2)
double tm_avxvnni_probe_int8(int64_t rounds, int32_t *sink);
double tm_avx2_probe_int8(int64_t rounds, int32_t *sink);
double tm_avx2_probe_f32(int64_t rounds, float *sink);
extern const tm_kernels tm_avx512;
extern const tm_attention_kernels tm_avx512_attention;
#define TM_DECLARE_512(name, NAME) tm_matmul_fn tm_avx512_##name;
TM_FLOAT_FORMATS(TM_DECLARE_512)
TM_QUANT_FORMATS(TM_DECLARE_512)
/* The same but for bf16, where the processor multiplies that. */
extern const tm_kernels tm_avx512_with_bf16;
tm_matmul_fn tm_avx512_bf16_pairs;
double tm_avx512_probe_bf16(int64_t rounds, float *sink);
double tm_avx512_probe_int8(int64_t rounds, int32_t *sink);
double tm_avx512_probe_f32(int64_t rounds, float *sink);
#elif defined(__aarch64__)
extern const tm_kernels tm_neon_dotprod, tm_neon_i8mm;
extern const tm_attention_kernels tm_neon_attention, tm_i8mm_attention;
#define TM_DECLARE_I8MM(name, NAME) tm_matmul_fn tm_i8mm_##name;
TM_QUANT_FORMATS(TM_DECLARE_I8MM)
double tm_neon_probe_int8(int64_t rounds, int32_t *sink);
double tm_neon_probe_f32(int64_t rounds, float *sink);
double tm_i8mm_probe_int8(int64_t rounds, int32_t *sink);
#endif

/* Functions that take a format as a constant: inlined, every `switch` and `if` on it is gone. */
#define TM_INLINE static inline __attribute__((always_inline))

/* What a q is looked up in. */
typedef enum { TM_NO_BOOK, TM_IQ4_BOOK, TM_MXFP4_BOOK } tm_book;

/* How a quantised format is laid out, beside its scales. */
typedef struct {
    int32_t width;    /* k of one tm_panel_... */
    int32_t header;   /* bytes before its planes */
    int32_t bytes;    /* of the whole */
    int32_t bits;     /* of a q; planes of 32 k take 64 bytes per bit */
    int32_t bias;     /* subtracted from every q, or from the code book made unsigned */
    int32_t segments; /* scales per 32 k: 1 or 2 */
    tm_book book;
    int32_t mins;  /* whether there are mins */
    int32_t zeros; /* whether rows have zeros of their own */
} tm_layout;

TM_INLINE tm_layout tm_layout_of(tm_format format) {
#define TM_LAYOUT(name, plane_bits, ...)                                                        \
    (tm_layout) {                                                                               \
        .width = (int32_t)(sizeof(((tm_panel_##name *)0)->planes) / (2 * (plane_bits))),        \
        .header = (int32_t)offsetof(tm_panel_##name, planes),                                   \
        .bytes = (int32_t)sizeof(tm_panel_##name), .bits = plane_bits, __VA_ARGS__              \
    }
    switch (format) {
    case TM_Q8_0: return TM_LAYOUT(q8_0, 8, .bias = 128, .segments = 1);
    case TM_Q4_0: return TM_LAYOUT(q4_0, 4, .bias = 8, .segments = 1);
    case TM_Q4_1: return TM_LAYOUT(q4_1, 4, .segments = 1, .mins = 1);
    case TM_Q5_0: return TM_LAYOUT(q5_0, 5, .bias = 16, .segments = 1);
    case TM_Q5_1: return TM_LAYOUT(q5_1, 5, .segments = 1, .mins = 1);
    case TM_IQ4_NL: return TM_LAYOUT(iq4_nl, 4, .bias = 128, .segments = 1, .book = TM_IQ4_BOOK);
    case TM_MXFP4: return TM_LAYOUT(mxfp4, 4, .bias = 16, .segments = 1, .book = TM_MXFP4_BOOK);
    case TM_Q2_K: return TM_LAYOUT(q2_k, 2, .segments = 2, .mins = 1);
    case TM_Q3_K: return TM_LAYOUT(q3_k, 3, .bias = 4, .segments = 2);
    case TM_Q4_K: return TM_LAYOUT(q4_k, 4, .segments = 1, .mins = 1);
    case TM_Q5_K: return TM_LAYOUT(q5_k, 5, .segments = 1, .mins = 1);
    case TM_Q6_K: return TM_LAYOUT(q6_k, 6, .bias = 32, .segments = 2);
    case TM_IQ4_XS: return TM_LAYOUT(iq4_xs, 4, .bias = 128, .segments = 1, .book = TM_IQ4_BOOK);
    case TM_U4G32: return TM_LAYOUT(u4g32, 4, .segments = 1, .zeros = 1);
    case TM_U4G128: return TM_LAYOUT(u4g128, 4, .segments = 1, .zeros = 1);
    case TM_S8G32: return TM_LAYOUT(s8g32, 8, .bias = 128, .segments = 1);
    case TM_S8G128: return TM_LAYOUT(s8g128, 8, .bias = 128, .segments = 1);
    default: return (tm_layout){0};
    }
#undef TM_LAYOUT
}

/* The code books: iq4_nl's and iq4_xs's, and twice the E2M1 numbers. */
#define TM_IQ4_VALUES                                                                           \
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
#define TM_MXFP4_VALUES 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12

/* 32 weights of one row, k ascending: weight i is scale[s] * quants[i] (+ min[s] where the format
 * has mins), s = i / 16 where there are two segments, else 0. */
typedef struct {
    int32_t quants[TM_BLOCK];
    float scale[2], min[2];
} tm_row_block;

/* Block `block` of row `row` of a panel of a quantised format. */
void tm_read_block(tm_format format, const void *panel, int32_t block, int row, tm_row_block *out);

static inline float tm_bits_to_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t tm_float_to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float tm_bf16(uint16_t bits) { return tm_bits_to_float((uint32_t)bits << 16); }

/* IEEE half to float, subnormals and infinities included. */
static inline float tm_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = (half >> 10) & 31;
    uint32_t mantissa = half & 1023;
    if (exponent == 31) return tm_bits_to_float(sign | 0x7F800000u | mantissa << 13);
    if (exponent != 0) return tm_bits_to_float(sign | (exponent + 112) << 23 | mantissa << 13);
    float value = (float)mantissa * 0x1p-24f;
    return tm_bits_to_float(tm_float_to_bits(value) | sign);
}

/* 2^(e - 128); below 2 the result is subnormal. */
static inline float tm_e8m0_half(uint8_t e) {
    return tm_bits_to_float(e < 2 ? 0x00200000u << e : (uint32_t)(e - 1) << 23);
}

/* E4M3 has the sign, exponent and fraction of a half 256 times smaller. It has no infinities; its
 * NaN does not come here. */
static inline uint16_t tm_e4m3_half(uint8_t code) {
    return (uint16_t)((code & 0x80) << 8 | (code & 0x7F) << 7);
}

/* Float to IEEE half, round to nearest even, as hardware does. */
static inline uint16_t tm_to_f16(float value) {
    uint32_t bits = tm_float_to_bits(value);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    uint32_t magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) return sign | 0x7E00;
    if (magnitude >= 0x477FF000u) return sign | 0x7C00;
    if (magnitude < 0x38800000u) {
        /* Subnormal halves are multiples of 2^-24: adding 0.5 leaves just those bits. */
        float shifted = tm_bits_to_float(magnitude) + 0.5f;
        return sign | (uint16_t)(tm_float_to_bits(shifted) - 0x3F000000u);
    }
    uint32_t rounded = magnitude + 0x0FFF + (magnitude >> 13 & 1);
    return sign | (uint16_t)((rounded - 0x38000000u) >> 13);
}

/* Where column k of an f8g128 panel has its codes, and its group's scales. */
TM_INLINE const tm_panel_f8g128 *tm_f8_group(const void *panel, int32_t k) {
    return (const tm_panel_f8g128 *)panel + k / 128;
}

/* Where weight k of row r is in a bf16 panel: columns lie in pairs. */
TM_INLINE size_t tm_bf16_at(int32_t k, int r) {
    return ((size_t)(k / 2) * TM_PANEL_ROWS + (size_t)r) * 2 + (size_t)(k % 2);
}

/* Weight k of row r of a panel of a float format. */
TM_INLINE float tm_float_weight(tm_format format, const void *panel, int32_t k, int r) {
    size_t at = (size_t)k * TM_PANEL_ROWS + (size_t)r;
    switch (format) {
    case TM_F32: return ((const float *)panel)[at];
    case TM_F16: return tm_f16(((const uint16_t *)panel)[at]);
    case TM_BF16: return tm_bf16(((const uint16_t *)panel)[tm_bf16_at(k, r)]);
    case TM_F8G128: {
        const tm_panel_f8g128 *group = tm_f8_group(panel, k);
        return tm_f16(tm_e4m3_half(group->codes[k % 128][r])) * 256 * group->scale[r];
    }
    default: return 0;
    }
}

static inline uint16_t tm_to_bf16(float value) {
    uint32_t bits = tm_float_to_bits(value);
    if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* e^x is 2^n * e^r with |r| <= ln2 / 2; the polynomial (Taylor to r^7 over the halved interval)
 * errs by less than 2 units in the last place. Below the first limit the result is 0. */
#define TM_EXP_LOW -87.33654f
#define TM_EXP_HIGH 88.02f
#define TM_LOG2E 1.44269504088896341f
#define TM_LN2_HIGH 0.693359375f
#define TM_LN2_LOW -2.12194440e-4f
#define TM_EXP_C2 0.5f
#define TM_EXP_C3 1.6666665459e-1f
#define TM_EXP_C4 4.1665795894e-2f
#define TM_EXP_C5 8.3334519073e-3f
#define TM_EXP_C6 1.3981999507e-3f
#define TM_EXP_C7 1.9875691500e-4f

#endif
