#ifndef TM_IMPL_H
#define TM_IMPL_H

#include <stdint.h>
#include <string.h>

#include "CKernels.h"

/* Every level's table; dispatch.c decides which may run here. */
extern const tm_kernels tm_portable;
#if defined(__x86_64__)
extern const tm_kernels tm_avx2;
double tm_avx2_probe_int8(int64_t rounds, int32_t *sink);
double tm_avx2_probe_f32(int64_t rounds, float *sink);
#endif

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
