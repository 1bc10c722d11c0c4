/* Vectors of 16 lanes for attention, in clang's own vector types: every level compiles the same
 * lines, and every rounding is written out, so all levels give the same bits. Included inside a
 * level's target attribute. */

#ifndef TM_ATTENTION_LANES_H
#define TM_ATTENTION_LANES_H

#include <math.h>

#include "impl.h"

/* Vectors wider than a level's registers are passed between inlined functions only. */
#pragma clang diagnostic ignored "-Wpsabi"

/* A product and a sum on two lines must stay two roundings at every level. */
#pragma STDC FP_CONTRACT OFF

#define LANES 16
#define PICK __builtin_shufflevector
#define UNROLL _Pragma("clang loop unroll(full)")

typedef float floats __attribute__((ext_vector_type(LANES)));
typedef int32_t ints __attribute__((ext_vector_type(LANES)));
typedef uint32_t words __attribute__((ext_vector_type(LANES)));
typedef uint16_t halves __attribute__((ext_vector_type(LANES)));
typedef uint8_t bytes __attribute__((ext_vector_type(LANES)));
/* Four bytes for each lane. */
typedef uint8_t quads __attribute__((ext_vector_type(4 * LANES)));

#define LOAD(type, from) ({ type loaded; memcpy(&loaded, from, sizeof loaded); loaded; })
#define SAVE(to, value) ({ __typeof__(value) saved = value; memcpy(to, &saved, sizeof saved); })

static const ints lane_index = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

TM_INLINE floats fma16(floats a, floats b, floats c) { return __builtin_elementwise_fma(a, b, c); }

/* The same four bytes in every lane. */
TM_INLINE quads repeat4(const void *four) { return (quads)(ints)LOAD(int32_t, four); }

/* ---- arithmetic ---- */

#define EXP2_LOW -126.0f
/* 1.5 * 2^23: added, it leaves a rounded integer in the low bits. */
#define ROUNDER 12582912.0f

/* 2^x for x up to 127: 2^n times a polynomial on [-1/2, 1/2] that errs by 1e-7. Below -126 it stays
 * at that; 2^0 is exactly 1, and NaN stays NaN. */
TM_INLINE floats exp2_16(floats x) {
    x = x < EXP2_LOW ? (floats)EXP2_LOW : x;
    floats shifted = x + ROUNDER;
    floats r = x - (shifted - ROUNDER);
    floats p = fma16(r, (floats)0.001326472032815218f, (floats)0.009671512991189957f);
    p = fma16(r, p, (floats)0.05550733581185341f);
    p = fma16(r, p, (floats)0.24022242426872253f);
    p = fma16(r, p, (floats)0.6931470036506653f);
    p = fma16(r, p, (floats)1.0f);
    return p * (floats)(((words)shifted << 23) + 0x3F800000u);
}

TM_INLINE float exp2_1(float x) { return exp2_16((floats)x)[0]; }

/* log2(e) * cap * tanh(x / cap), where `turn` is 2 * log2(e) / cap. */
TM_INLINE floats capped(floats x, float turn, float cap) {
    floats y = x * turn;
    y = y > 126.0f ? (floats)126.0f : y;
    floats ratio = 2.0f / (exp2_16(y) + 1.0f);
    return (1.0f - ratio) * (cap * TM_LOG2E);
}

/* A fixed tree: halves, quarters, neighbours but one, neighbours. */
TM_INLINE float sum_lanes(floats v) {
    v = v + PICK(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    v = v + PICK(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    v = v + PICK(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    return (v + PICK(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14))[0];
}

/* Lane r of the result, for r below `rows`, is the largest lane of v[r]; `rows` is 1, 2, 4 or 8.
 * Words order NaN above all, floats ignore it. */
#define DEFINE_LARGEST(name, type)                                                              \
    TM_INLINE type name##_of(type a, type b) { return a > b ? a : b; }                          \
    TM_INLINE type name(const type *v, int rows) {                                              \
        type pairs[4], fours[2];                                                                \
        UNROLL for (int i = 0; i < 4; i++) {                                                    \
            type a = v[2 * i % rows], b = v[(2 * i + 1) % rows];                                \
            pairs[i] = name##_of(                                                               \
                PICK(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),             \
                PICK(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31));      \
        }                                                                                       \
        UNROLL for (int i = 0; i < 2; i++) {                                                    \
            type a = pairs[2 * i], b = pairs[2 * i + 1];                                        \
            fours[i] = name##_of(                                                               \
                PICK(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),           \
                PICK(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31));        \
        }                                                                                       \
        type all = name##_of(                                                                   \
            PICK(fours[0], fours[1], 0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21, 24, 25, 28, 29), \
            PICK(                                                                               \
                fours[0], fours[1], 2, 3, 6, 7, 10, 11, 14, 15, 18, 19, 22, 23, 26, 27, 30,     \
                31));                                                                           \
        return name##_of(                                                                       \
            PICK(all, all, 0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14),               \
            PICK(all, all, 1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15));              \
    }
DEFINE_LARGEST(largest_float, floats)
DEFINE_LARGEST(largest_word, words)

#endif
