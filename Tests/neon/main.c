/* Compares every NEON kernel that runs here with the portable one: random panels of every format,
 * 1 to 67 rows, odd numbers of blocks, one token to nine. Quantised formats must agree bit for bit,
 * floats within rounding. Prints what differs; exits 1 when anything does. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

enum { MOST_ROWS = 80, MOST_K = 1280, MOST_TOKENS = 9 };

static const char *const level_names[] = {"portable", "", "", "", "", "neon", "neon i8mm"};

static uint32_t random_bits(void) {
    static uint64_t state = 88172645463325252u; /* xorshift (Marsaglia 2003) */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static float random_float(void) { return (float)(int32_t)random_bits() / 2147483648.0f; }

static uint16_t random_half(void) {
    return (uint16_t)((random_bits() & 0x83FF) | (4 + random_bits() % 5) << 10);
}

/* Random bytes, but for scales, which stay small and finite. */
static void fill_block(tm_format format, uint8_t *block, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) block[i] = (uint8_t)random_bits();
    int halves = TM_PANEL_ROWS;
    switch (format) {
    case TM_MXFP4:
        for (int i = 0; i < TM_PANEL_ROWS; i++) block[i] = (uint8_t)(118 + random_bits() % 9);
        return;
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128:
        for (int i = 0; i < TM_PANEL_ROWS; i++) ((float *)block)[i] = random_float() / 64;
        if (format == TM_U4G32 || format == TM_U4G128)
            for (int i = 0; i < TM_PANEL_ROWS; i++) block[64 + i] &= 15;
        return;
    case TM_Q4_1:
    case TM_Q5_1:
    case TM_Q2_K:
    case TM_Q4_K:
    case TM_Q5_K: halves = 2 * TM_PANEL_ROWS; break;
    default: break;
    }
    for (int i = 0; i < halves; i++) ((uint16_t *)block)[i] = random_half();
}

static void fill_floats(tm_format format, void *panel, size_t bytes) {
    if (format == TM_F32)
        for (size_t i = 0; i < bytes / 4; i++) ((float *)panel)[i] = random_float();
    else
        for (size_t i = 0; i < bytes / 2; i++)
            ((uint16_t *)panel)[i] =
                format == TM_F16 ? random_half() : (uint16_t)(0x3C00 | (random_bits() & 0x81FF));
}

static void fill_float8(uint8_t *panel, int32_t k) {
    float scales[(MOST_K + 127) / 128];
    uint8_t codes[MOST_K];
    memset(panel, 0, tm_panel_bytes(TM_F8G128, k));
    uint8_t rows[TM_PANEL_ROWS][MOST_K];
    float row_scales[TM_PANEL_ROWS][(MOST_K + 127) / 128];
    for (int r = 0; r < TM_PANEL_ROWS; r++) {
        for (int32_t i = 0; i < k; i++) {
            codes[i] = (uint8_t)random_bits();
            if ((codes[i] & 0x7F) == 0x7F) codes[i] = 0;
        }
        for (int32_t g = 0; g < (k + 127) / 128; g++) scales[g] = random_float() / 448;
        memcpy(rows[r], codes, sizeof codes);
        memcpy(row_scales[r], scales, sizeof scales);
    }
    tm_pack_codes(
        TM_F8G128, rows[0], MOST_K, row_scales[0], NULL, (MOST_K + 127) / 128, TM_PANEL_ROWS, k,
        panel);
}

static int is_float(tm_format format) {
    return format == TM_F32 || format == TM_F16 || format == TM_BF16 || format == TM_F8G128;
}

static void fill_panels(tm_format format, uint8_t *panels, int32_t count, int32_t k) {
    size_t bytes = tm_panel_bytes(format, k);
    for (int32_t p = 0; p < count; p++, panels += bytes) {
        if (format == TM_F8G128) {
            fill_float8(panels, k);
        } else if (is_float(format)) {
            fill_floats(format, panels, bytes);
        } else {
            size_t block = bytes / (size_t)(k / tm_block_width(format));
            for (size_t at = 0; at < bytes; at += block) fill_block(format, panels + at, block);
        }
    }
}

static _Alignas(64) uint8_t panels[MOST_ROWS * MOST_K * 4];
static float x[MOST_TOKENS * MOST_K], scales[MOST_TOKENS * MOST_K / 32];
static int8_t quants[MOST_TOKENS * MOST_K];
static int16_t sums[MOST_TOKENS * MOST_K / 16];
static float expected[MOST_TOKENS * MOST_ROWS], got[MOST_TOKENS * MOST_ROWS];

/* How many of the results differ too much. */
static int compare(tm_format format, int32_t count) {
    int wrong = 0;
    float largest = 0;
    for (int32_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(expected[i]));
    for (int32_t i = 0; i < count; i++)
        wrong += is_float(format) ? !(fabsf(got[i] - expected[i]) <= 1e-5f * largest)
                                  : memcmp(got + i, expected + i, sizeof got[i]) != 0;
    return wrong;
}

static int check(tm_level level, tm_format format, int32_t rows, int32_t k, int32_t tokens) {
    const tm_kernels *portable = tm_kernels_at(TM_LEVEL_PORTABLE), *kernels = tm_kernels_at(level);
    int32_t count = (rows + TM_PANEL_ROWS - 1) / TM_PANEL_ROWS, y_stride = MOST_ROWS;
    fill_panels(format, panels, count, k);
    for (int32_t i = 0; i < tokens * k; i++) x[i] = random_float();
    for (int32_t t = 0; t < tokens && k % 32 == 0; t++)
        portable->quantize(
            x + t * k, k, quants + t * k, scales + t * (k / 32), sums + t * (k / 16));
    tm_activations in = {
        .values = x, .value_stride = (size_t)k, .quants = quants, .scales = scales, .sums = sums,
        .tokens = tokens, .k = k};
    for (int i = 0; i < MOST_TOKENS * MOST_ROWS; i++) expected[i] = got[i] = (float)i;
    int32_t add = rows % 2;
    portable->matmul[format](panels, &in, 0, count, expected, (size_t)y_stride, add);
    kernels->matmul[format](panels, &in, 0, count, got, (size_t)y_stride, add);
    int wrong = compare(format, MOST_TOKENS * MOST_ROWS);
    if (wrong > 0)
        printf(
            "%s, format %d, %d rows, %d k, %d tokens: %d wrong\n", level_names[level], format,
            (int)rows, (int)k, (int)tokens, wrong);
    return wrong > 0;
}

int main(void) {
    int wrong = 0, checks = 0;
    for (tm_level level = TM_LEVEL_NEON; level < TM_LEVELS; level++) {
        if (tm_kernels_at(level) == NULL) continue;
        for (int format = 0; format < TM_FORMATS; format++)
            for (int32_t rows = 1; rows <= 67; rows++, checks++) {
                int32_t width = tm_block_width((tm_format)format), odd = 1 + 2 * (rows % 3);
                int32_t k = width == 1 ? 33 * odd + rows % 2 : width * odd;
                int32_t tokens = 1 + rows % MOST_TOKENS;
                wrong += check(level, (tm_format)format, rows, k, tokens);
            }
    }
    printf("%d NEON products, %d wrong\n", checks, wrong);
    return checks == 0 || wrong > 0;
}
