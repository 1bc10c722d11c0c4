#ifndef TM_AVX512_H
#define TM_AVX512_H

/* What the AVX-512 files share. */

#include <immintrin.h>

#include "impl.h"

#define TM_AVX512_TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"

#define INLINE TM_INLINE

/* Keeps a broadcast in a register: folded into each instruction it would be loaded once a panel. */
#define PIN(value) __asm__("" : "+v"(value))

#pragma clang attribute push(__attribute__((target(TM_AVX512_TARGET))), apply_to = function)

/* Writes a row's part of a panel, or adds it to what is there. */
INLINE void tm_store16(float *y, __m512 sum, int32_t add) {
    if (add) sum = _mm512_add_ps(_mm512_loadu_ps(y), sum);
    _mm512_storeu_ps(y, sum);
}

#pragma clang attribute pop

#endif
