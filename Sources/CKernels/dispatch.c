/* Which level runs here, and the probes that measure it. */

#include "impl.h"

#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

const tm_kernels *tm_kernels_at(tm_level level) {
    switch (level) {
    case TM_LEVEL_PORTABLE: return &tm_portable;
    case TM_LEVEL_AVX2:
#if defined(__x86_64__)
        /* The builtin asks the operating system (XGETBV) as well as the processor. */
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
            __builtin_cpu_supports("f16c"))
            return &tm_avx2;
#endif
        return NULL;
    case TM_LEVEL_AVX_VNNI:
#if defined(__x86_64__)
        if (tm_kernels_at(TM_LEVEL_AVX2) != NULL && __builtin_cpu_supports("avxvnni"))
            return &tm_avxvnni;
#endif
        return NULL;
    case TM_LEVEL_AVX512:
#if defined(__x86_64__)
        if (tm_kernels_at(TM_LEVEL_AVX2) != NULL && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
            return &tm_avx512;
#endif
        return NULL;
    case TM_LEVEL_AVX512_BF16:
#if defined(__x86_64__)
        if (tm_kernels_at(TM_LEVEL_AVX512) != NULL && __builtin_cpu_supports("avx512bf16"))
            return &tm_avx512_with_bf16;
#endif
        return NULL;
    case TM_LEVEL_NEON_DOTPROD:
#if defined(__aarch64__)
        if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) return &tm_neon_dotprod;
#endif
        return NULL;
    case TM_LEVEL_NEON_I8MM:
#if defined(__aarch64__)
        if (tm_kernels_at(TM_LEVEL_NEON_DOTPROD) != NULL && getauxval(AT_HWCAP2) & HWCAP2_I8MM)
            return &tm_neon_i8mm;
#endif
        return NULL;
    default: return NULL;
    }
}

uint64_t tm_probe_read(const void *memory, size_t bytes) {
    const uint64_t *words = memory;
    uint64_t sums[8] = {0};
    for (size_t i = 0; i + 8 <= bytes / 8; i += 8)
        for (int j = 0; j < 8; j++) sums[j] ^= words[i + (size_t)j];
    uint64_t sum = 0;
    for (int j = 0; j < 8; j++) sum ^= sums[j];
    return sum;
}

double tm_probe_int8(tm_level level, int64_t rounds, int32_t *sink) {
#if defined(__x86_64__)
    if (level == TM_LEVEL_AVX2) return tm_avx2_probe_int8(rounds, sink);
    if (level == TM_LEVEL_AVX_VNNI) return tm_avxvnni_probe_int8(rounds, sink);
    if (level >= TM_LEVEL_AVX512) return tm_avx512_probe_int8(rounds, sink);
#elif defined(__aarch64__)
    if (level == TM_LEVEL_NEON_DOTPROD) return tm_neon_probe_int8(rounds, sink);
    if (level == TM_LEVEL_NEON_I8MM) return tm_i8mm_probe_int8(rounds, sink);
#endif
    (void)level;
    int32_t sums[16] = {0};
    int8_t a = 3, b = 5;
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+r"(a), "+r"(b));
        for (int i = 0; i < 16; i++) sums[i] += a * b + i;
    }
    for (int i = 0; i < 16; i++) *sink += sums[i];
    return (double)rounds * 32;
}

double tm_probe_f32(tm_level level, int64_t rounds, float *sink) {
#if defined(__x86_64__)
    if (level == TM_LEVEL_AVX2 || level == TM_LEVEL_AVX_VNNI)
        return tm_avx2_probe_f32(rounds, sink);
    if (level >= TM_LEVEL_AVX512) return tm_avx512_probe_f32(rounds, sink);
#elif defined(__aarch64__)
    if (level != TM_LEVEL_PORTABLE) return tm_neon_probe_f32(rounds, sink);
#endif
    (void)level;
    float sums[16] = {0}, a = 1.0f, b = 1e-9f;
    for (int64_t round = 0; round < rounds; round++) {
        __asm__ volatile("" : "+r"(a), "+r"(b));
        for (int i = 0; i < 16; i++) sums[i] += a * b;
    }
    for (int i = 0; i < 16; i++) *sink += sums[i];
    return (double)rounds * 32;
}

double tm_probe_bf16(tm_level level, int64_t rounds, float *sink) {
#if defined(__x86_64__)
    if (level == TM_LEVEL_AVX512_BF16) return tm_avx512_probe_bf16(rounds, sink);
#endif
    return tm_probe_f32(level, rounds, sink);
}
