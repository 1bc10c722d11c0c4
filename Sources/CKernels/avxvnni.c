/* AVX2 with AVX-VNNI for quantised matrices, and its probe. */

#if defined(__x86_64__)

#define TM_AVX2_TARGET "avx2,fma,f16c,avxvnni"
#define TM_AVX2_NAME(format) tm_avxvnni_##format
#define TM_AVX2_VNNI 1
#include "avx2_quant.h"

#pragma clang attribute push(__attribute__((target(TM_AVX2_TARGET))), apply_to = function)

double tm_avxvnni_probe_int8(int64_t rounds, int32_t *sink) {
    __m256i sums[12], a = _mm256_set1_epi8(3), b = _mm256_set1_epi8(5);
    for (int i = 0; i < 12; i++) sums[i] = _mm256_setzero_si256();
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+x"(a), "+x"(b));
        _Pragma("unroll") for (int i = 0; i < 12; i++)
            sums[i] = _mm256_dpbusd_avx_epi32(sums[i], a, b);
    }
    int32_t all[8];
    for (int i = 1; i < 12; i++) sums[0] = _mm256_add_epi32(sums[0], sums[i]);
    _mm256_storeu_si256((__m256i *)all, sums[0]);
    for (int i = 0; i < 8; i++) *sink += all[i];
    return (double)rounds * 12 * 64;
}

#pragma clang attribute pop

#else
typedef int tm_no_avxvnni_here;
#endif
