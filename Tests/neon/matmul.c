/* Products of every format: bit for bit where it is quantised, within rounding elsewhere, and the
 * same for any number of tokens. */

#include "test.h"

enum { TOKENS = 9, MOST_ROWS = 67, MOST_K = 768, GAP = 5 };

static const char *const format_names[TM_FORMATS] = {
    [TM_F32] = "f32",       [TM_F16] = "f16",     [TM_BF16] = "bf16",     [TM_Q8_0] = "q8_0",
    [TM_Q4_0] = "q4_0",     [TM_Q4_1] = "q4_1",   [TM_Q5_0] = "q5_0",     [TM_Q5_1] = "q5_1",
    [TM_IQ4_NL] = "iq4_nl", [TM_MXFP4] = "mxfp4", [TM_Q2_K] = "q2_k",     [TM_Q3_K] = "q3_k",
    [TM_Q4_K] = "q4_k",     [TM_Q5_K] = "q5_k",   [TM_Q6_K] = "q6_k",     [TM_IQ4_XS] = "iq4_xs",
    [TM_U4G32] = "u4g32",   [TM_U4G128] = "u4g128", [TM_S8G32] = "s8g32", [TM_S8G128] = "s8g128",
    [TM_F8G128] = "f8g128",
};

/* ---- random matrices ---- */

/* A half of any sign, at most 2, subnormals included. */
static uint16_t random_half(void) {
    int exponent = random_below(17);
    return (uint16_t)(random_below(2) << 15 | exponent << 10 | random_below(1024));
}

static int is_float(tm_format format) {
    return format == TM_F32 || format == TM_F16 || format == TM_BF16;
}

static int has_codes(tm_format format) {
    return format == TM_U4G32 || format == TM_U4G128 || format == TM_S8G32 ||
        format == TM_S8G128 || format == TM_F8G128;
}

static int is_exact(tm_format format) { return !is_float(format) && format != TM_F8G128; }

/* Where ggml's block has half-precision numbers; -1 for none. */
static void half_offsets(tm_format format, int at[2]) {
    at[0] = 0;
    at[1] = -1;
    switch (format) {
    case TM_Q4_1:
    case TM_Q5_1:
    case TM_Q4_K:
    case TM_Q5_K: at[1] = 2; return;
    case TM_Q2_K:
        at[0] = 80;
        at[1] = 82;
        return;
    case TM_Q3_K: at[0] = 108; return;
    case TM_Q6_K: at[0] = 208; return;
    default: return;
    }
}

/* Bytes are random, or all `byte` where that is not negative. */
static void fill(uint8_t *out, size_t count, int byte) {
    for (size_t i = 0; i < count; i++)
        out[i] = (uint8_t)(byte >= 0 ? byte : (int)(random_bits() & 0xFF));
}

static void pack_blocks(tm_format format, int rows, int k, int byte, void *panel) {
    static uint8_t stored[TM_PANEL_ROWS * MOST_K * 4];
    size_t size = tm_block_bytes(format), stride = (size_t)(k / tm_block_width(format)) * size;
    int at[2];
    half_offsets(format, at);
    fill(stored, (size_t)rows * stride, byte);
    for (uint8_t *block = stored; block < stored + (size_t)rows * stride; block += size) {
        if (format == TM_MXFP4) {
            block[0] = (uint8_t)(random_below(8) ? 110 + random_below(20) : random_below(4));
            continue;
        }
        for (int i = 0; i < 2; i++) {
            uint16_t half = random_half();
            if (at[i] >= 0) memcpy(block + at[i], &half, sizeof half);
        }
    }
    tm_pack_blocks(format, stored, stride, rows, k, panel);
}

static void pack_codes(tm_format format, int rows, int k, int byte, void *panel) {
    static uint8_t codes[TM_PANEL_ROWS * MOST_K], zeros[TM_PANEL_ROWS * MOST_K];
    static float scales[TM_PANEL_ROWS * MOST_K];
    int nibbles = format == TM_U4G32 || format == TM_U4G128;
    fill(codes, (size_t)rows * (size_t)k, byte);
    for (int i = 0; i < rows * k; i++) {
        if (nibbles) codes[i] &= 15;
        /* All but not-a-number. */
        if (format == TM_F8G128 && (codes[i] & 0x7F) == 0x7F) codes[i] ^= 1;
        zeros[i] = (uint8_t)random_below(16);
        scales[i] = random_float();
    }
    tm_pack_codes(format, codes, (size_t)k, scales, zeros, (size_t)k, rows, k, panel);
}

static void pack_floats(tm_format format, int rows, int k, void *panel) {
    static float values[TM_PANEL_ROWS * MOST_K];
    for (int i = 0; i < rows * k; i++) values[i] = random_float();
    tm_pack_panel(format, values, (size_t)k, rows, k, panel);
}

static uint8_t panels[(MOST_ROWS / TM_PANEL_ROWS + 1) * TM_PANEL_ROWS * MOST_K * 4]
    __attribute__((aligned(64)));

/* Fills `panels`; returns how many there are. */
static int pack(tm_format format, int rows, int k, int byte) {
    int count = (rows + TM_PANEL_ROWS - 1) / TM_PANEL_ROWS;
    for (int p = 0; p < count; p++) {
        uint8_t *panel = panels + (size_t)p * tm_panel_bytes(format, k);
        int own = rows - p * TM_PANEL_ROWS < TM_PANEL_ROWS ? rows % TM_PANEL_ROWS : TM_PANEL_ROWS;
        if (has_codes(format))
            pack_codes(format, own, k, byte, panel);
        else if (is_float(format))
            pack_floats(format, own, k, panel);
        else
            pack_blocks(format, own, k, byte, panel);
    }
    return count;
}

/* ---- activations ---- */

static float x_values[TOKENS * (MOST_K + GAP)], x_scales[TOKENS * MOST_K / TM_BLOCK];
static int8_t x_quants[TOKENS * MOST_K];
static int16_t x_sums[TOKENS * MOST_K / 16];

/* Random ones, or where `extreme` all 1, all -1, or both in turn. */
static tm_activations activations(int k, int extreme) {
    tm_activations x = {
        .values = x_values, .value_stride = (size_t)k + GAP, .quants = x_quants,
        .scales = x_scales, .sums = x_sums, .tokens = TOKENS, .k = k,
    };
    for (int t = 0; t < TOKENS; t++) {
        float *values = x_values + t * (k + GAP);
        for (int i = 0; i < k; i++)
            values[i] = extreme ? (extreme >> i % 2 & 1 ? 1.0f : -1.0f) : random_float();
        if (k % TM_BLOCK == 0)
            tm_kernels_at(TM_LEVEL_PORTABLE)->quantize(
                values, k, x_quants + t * k, x_scales + t * (k / TM_BLOCK), x_sums + t * (k / 16));
    }
    return x;
}

/* ---- products ---- */

#define Y_STRIDE ((MOST_ROWS / TM_PANEL_ROWS + 1) * TM_PANEL_ROWS + GAP)
static float expected[TOKENS * Y_STRIDE], product[TOKENS * Y_STRIDE], again[TOKENS * Y_STRIDE];

static void multiply(
    const tm_kernels *kernels, tm_format format, tm_activations x, int tokens, int begin, int end,
    int add, float *y) {
    x.tokens = tokens;
    tm_matmul_of(kernels, format)(panels, &x, begin, end, y, Y_STRIDE, add);
}

static void clear(float *y) {
    for (int i = 0; i < TOKENS * Y_STRIDE; i++) y[i] = untouched;
}

static float largest_of(const float *y, int count) {
    float largest = 0;
    for (int i = 0; i < count; i++) largest = fabsf(y[i]) > largest ? fabsf(y[i]) : largest;
    return largest;
}

/* Whether `y` is as `product` for so many tokens and panels [begin, end), else untouched. */
static int is_part(const float *y, int tokens, int begin, int end) {
    for (int t = 0; t < TOKENS; t++)
        for (int r = 0; r < Y_STRIDE; r++) {
            int written = t < tokens && r >= begin * TM_PANEL_ROWS && r < end * TM_PANEL_ROWS;
            float wanted = written ? product[t * Y_STRIDE + r] : untouched;
            if (!same_bits(y[t * Y_STRIDE + r], wanted)) return 0;
        }
    return 1;
}

/* One product of a level, all tokens at once, against the portable one. */
static void check_product(
    const tm_kernels *kernels, tm_format format, tm_activations x, int rows, int count) {
    clear(product);
    multiply(kernels, format, x, TOKENS, 0, count, 0, product);
    for (int t = 0; t < TOKENS; t++) {
        const float *wanted = expected + t * Y_STRIDE, *got = product + t * Y_STRIDE;
        float size = largest_of(wanted, count * TM_PANEL_ROWS);
        for (int r = 0; r < Y_STRIDE; r++) {
            int exact = is_exact(format) || r >= count * TM_PANEL_ROWS;
            if (exact ? same_bits(got[r], wanted[r]) : close_to(got[r], wanted[r], size)) continue;
            fail(kernels->name, format_names[format], rows, x.k, t);
            return;
        }
    }
}

/* The same bits for fewer tokens, for a range of panels, and added to what was there. */
static void check_parts(
    const tm_kernels *kernels, tm_format format, tm_activations x, int rows, int count) {
    for (int tokens = 1; tokens < TOKENS; tokens++) {
        clear(again);
        multiply(kernels, format, x, tokens, 0, count, 0, again);
        if (!is_part(again, tokens, 0, count))
            fail(kernels->name, "fewer tokens differ", (int)format, rows, tokens);
    }
    int tokens = 1 + rows % TOKENS, begin = count / 2;
    clear(again);
    multiply(kernels, format, x, tokens, begin, count, 0, again);
    if (!is_part(again, tokens, begin, count))
        fail(kernels->name, "a range differs", (int)format, rows, tokens);
    for (int i = 0; i < TOKENS * Y_STRIDE; i++) again[i] = (float)i;
    multiply(kernels, format, x, tokens, 0, count, 1, again);
    for (int t = 0; t < tokens; t++)
        for (int r = 0; r < count * TM_PANEL_ROWS; r++) {
            int i = t * Y_STRIDE + r;
            if (!same_bits(again[i], (float)i + product[i])) {
                fail(kernels->name, "a sum differs", (int)format, rows, tokens);
                return;
            }
        }
}

static void check_format(const tm_kernels *const *levels, tm_format format) {
    static const int odd_widths[] = {1, 7, 33, 131, 160}, blocks[] = {1, 2, 3, 5, 7};
    int width = tm_block_width(format);
    for (int rows = 1; rows <= MOST_ROWS; rows++) {
        int k = width == 1 ? odd_widths[rows % 5] : width * blocks[rows % (width == 32 ? 5 : 3)];
        int count = pack(format, rows, k, -1);
        tm_activations x = activations(k, 0);
        clear(expected);
        multiply(levels[0], format, x, TOKENS, 0, count, 0, expected);
        for (int i = 1; levels[i]; i++) {
            check_product(levels[i], format, x, rows, count);
            /* Kernels see whole panels; each count of them comes up at least once. */
            if (rows % 11 == 1) check_parts(levels[i], format, x, rows, count);
        }
    }
}

/* The largest integers there are. */
static void check_extremes(const tm_kernels *const *levels, tm_format format) {
    static const int bytes[] = {0x00, 0x33, 0x77, 0x7F, 0x80, 0xFF};
    for (int i = 0; i < 6; i++)
        for (int extreme = 1; extreme <= 3; extreme++) {
            int k = tm_block_width(format) * 2, rows = TM_PANEL_ROWS;
            int count = pack(format, rows, k, bytes[i]);
            /* 3 is all 1; 1 and 2 take turns. */
            tm_activations x = activations(k, extreme);
            clear(expected);
            multiply(levels[0], format, x, TOKENS, 0, count, 0, expected);
            for (int level = 1; levels[level]; level++)
                check_product(levels[level], format, x, rows, count);
        }
}

void check_matmul(const tm_kernels *const *levels) {
    for (tm_format format = 0; format < TM_FORMATS; format++) {
        check_format(levels, format);
        if (is_exact(format)) check_extremes(levels, format);
    }
}
