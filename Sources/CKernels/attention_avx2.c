/* Attention with AVX2 and FMA. */

#if defined(__x86_64__)

#include <immintrin.h>

#include "impl.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "attention_lanes.h"

#define FLOAT_ROWS 2
#define INT8_ROWS 4
#define PIN(value)

/* 16-bit products are exact, where maddubs would saturate. */
TM_INLINE __m256i dot4_half(__m256i sum, __m256i u, __m256i s) {
    __m256i even = _mm256_and_si256(u, _mm256_set1_epi16(0xFF)), odd = _mm256_srli_epi16(u, 8);
    __m256i s_even = _mm256_srai_epi16(_mm256_slli_epi16(s, 8), 8), s_odd = _mm256_srai_epi16(s, 8);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(even, s_even));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(odd, s_odd));
}

TM_INLINE ints dot4(ints sum, quads u, quads s) {
    __m256i sums[2], us[2], ss[2];
    memcpy(sums, &sum, sizeof sums);
    memcpy(us, &u, sizeof us);
    memcpy(ss, &s, sizeof ss);
    for (int i = 0; i < 2; i++) sums[i] = dot4_half(sums[i], us[i], ss[i]);
    return LOAD(ints, sums);
}

#include "attention.h"

#pragma clang attribute pop

const tm_attention_kernels tm_avx2_attention = TM_ATTENTION_TABLE;

#else
typedef int tm_no_avx2_attention_here;
#endif
