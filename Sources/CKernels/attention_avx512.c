/* Attention with AVX-512 and VNNI. */

#if defined(__x86_64__)

#include <immintrin.h>

#include "impl.h"

#define TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"
#pragma clang attribute push(__attribute__((target(TARGET))), apply_to = function)

#include "attention_lanes.h"

#define FLOAT_ROWS 8
#define INT8_ROWS 8
/* Folded into each instruction, a broadcast would be loaded once for each vector of keys. */
#define PIN(value) __asm__("" : "+v"(value))

TM_INLINE ints dot4(ints sum, quads u, quads s) {
    return (ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)u, (__m512i)s);
}

#include "attention.h"

#pragma clang attribute pop

const tm_attention_kernels tm_avx512_attention = TM_ATTENTION_TABLE;

#else
typedef int tm_no_avx512_attention_here;
#endif
