/* Every kernel of every level that runs here against the portable one.
 *
 * usage: kernels LEVEL...   the levels that this processor must have, and no others */

#include <stdio.h>

#include "test.h"

static int failures;

void fail(const char *level, const char *what, int a, int b, int c) {
    if (failures < 20) printf("%s: %s (%d, %d, %d)\n", level, what, a, b, c);
    failures += 1;
}

static uint64_t state = 1;

/* Steele and Vigna's SplitMix64. */
uint64_t random_bits(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

int random_below(int limit) { return (int)(random_bits() >> 33) % limit; }

float random_float(void) { return (float)((int64_t)random_bits() >> 40) * 0x1p-23f; }

/* They must run, and count. */
static void check_probes(tm_level level) {
    int32_t whole = 0;
    float real = 0;
    double counted = tm_probe_int8(level, 3, &whole) + tm_probe_f32(level, 3, &real);
    if (whole == 0 || !(real > 0) || counted <= 0)
        fail("probe", "counts nothing", (int)level, 0, 0);
}

int main(int count, char **names) {
    const tm_kernels *levels[TM_LEVELS + 1] = {0};
    int found = 0;
    for (tm_level level = TM_LEVEL_PORTABLE; level < TM_LEVELS; level++) {
        const tm_kernels *kernels = tm_kernels_at(level);
        if (!kernels) continue;
        if (found + 1 >= count || strcmp(names[found + 1], kernels->name) != 0)
            fail(kernels->name, "was not expected here", found, 0, 0);
        levels[found++] = kernels;
        check_probes(level);
    }
    if (found != count - 1) fail("levels", "are missing", found, count - 1, 0);
    check_matmul(levels);
    check_vectors(levels);
    check_attention(levels);
    if (failures > 0) printf("%d failures\n", failures);
    return failures > 0;
}
