/* Between rows as model files have them and the layouts that kernels read: panels, cache blocks. */

#include <math.h>

#include "impl.h"

#pragma STDC FP_CONTRACT OFF

/* ---- sizes ---- */

int32_t tm_block_width(tm_format format) {
    switch (format) {
    case TM_F32:
    case TM_F16:
    case TM_BF16:
    case TM_F8G128: return 1;
    default: return tm_layout_of(format).width;
    }
}

size_t tm_block_bytes(tm_format format) {
    switch (format) {
    case TM_F32: return 4;
    case TM_F16:
    case TM_BF16: return 2;
    case TM_MXFP4: return 17;
    case TM_Q4_0:
    case TM_IQ4_NL: return 18;
    case TM_Q4_1: return 20;
    case TM_Q5_0: return 22;
    case TM_Q5_1: return 24;
    case TM_Q8_0: return 34;
    case TM_Q2_K: return 84;
    case TM_Q3_K: return 110;
    case TM_IQ4_XS: return 136;
    case TM_Q4_K: return 144;
    case TM_Q5_K: return 176;
    case TM_Q6_K: return 210;
    case TM_U4G32:
    case TM_S8G32: return 32;
    case TM_U4G128:
    case TM_S8G128: return 128;
    case TM_F8G128: return 1;
    default: return 0;
    }
}

size_t tm_panel_bytes(tm_format format, int32_t k) {
    size_t columns = (size_t)k;
    switch (format) {
    case TM_F32: return columns * TM_PANEL_ROWS * 4;
    case TM_F16: return columns * TM_PANEL_ROWS * 2;
    case TM_BF16: return (columns + 1) / 2 * TM_PANEL_ROWS * 4;
    case TM_F8G128: {
        size_t scales = sizeof(((tm_panel_f8g128 *)0)->scale);
        return (columns + 127) / 128 * scales + columns * TM_PANEL_ROWS;
    }
    default: {
        tm_layout layout = tm_layout_of(format);
        return layout.width > 0 ? columns / (size_t)layout.width * (size_t)layout.bytes : 0;
    }
    }
}

/* ---- planes ---- */

/* The integers of 32 k of one row: word j holds element 4 * j + i in byte i. Words are worked on
 * four bytes at a time; masks keep the bytes apart. */
typedef struct {
    uint32_t words[8];
} codes32;

#define EACH(byte) (0x01010101u * (byte))

static inline uint32_t load_word(const void *at) {
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Byte i gets bit i. */
static inline uint32_t spread(uint32_t bits) { return (bits & 15) * 0x00204081u & EACH(1); }

static inline void put(uint8_t *planes, int plane, int r, uint32_t word) {
    memcpy(planes + (plane * TM_PANEL_ROWS + r) * 4, &word, sizeof word);
}

static inline uint32_t get(const uint8_t *planes, int plane, int r) {
    return load_word(planes + (plane * TM_PANEL_ROWS + r) * 4);
}

static inline void put_crumbs(uint8_t *planes, int plane, int r, const codes32 *in, int shift) {
    for (int p = 0; p < 2; p++) {
        uint32_t word = 0;
        for (int c = 0; c < 4; c++) word |= (in->words[4 * p + c] >> shift & EACH(3)) << 2 * c;
        put(planes, plane + p, r, word);
    }
}

static inline void put_bits(uint8_t *planes, int plane, int r, const codes32 *in, int shift) {
    uint32_t word = 0;
    for (int j = 0; j < 8; j++) word |= (in->words[j] >> shift & EACH(1)) << j;
    put(planes, plane, r, word);
}

/* Stores row r's 32 integers in planes of so many bits. */
static void put_codes(uint8_t *planes, int bits, int r, const codes32 *in) {
    const uint32_t *w = in->words;
    switch (bits) {
    case 8:
        for (int j = 0; j < 8; j++) put(planes, j, r, w[j]);
        return;
    case 2: put_crumbs(planes, 0, r, in, 0); return;
    case 3:
        put_crumbs(planes, 0, r, in, 0);
        put_bits(planes, 2, r, in, 2);
        return;
    default:
        for (int a = 0; a < 4; a++)
            put(planes, a, r, (w[2 * a] & EACH(15)) | (w[2 * a + 1] & EACH(15)) << 4);
        if (bits == 5) put_bits(planes, 4, r, in, 4);
        if (bits == 6) put_crumbs(planes, 4, r, in, 4);
    }
}

/* The opposite. */
static void get_codes(const uint8_t *planes, int bits, int r, codes32 *out) {
    for (int j = 0; j < 8; j++) {
        uint32_t low = 0, high = 0;
        switch (bits) {
        case 8: low = get(planes, j, r); break;
        case 3: high = (get(planes, 2, r) >> j & EACH(1)) << 2; /* fall through */
        case 2: low = get(planes, j / 4, r) >> 2 * (j % 4) & EACH(3); break;
        case 5: high = (get(planes, 4, r) >> j & EACH(1)) << 4; break;
        case 6: high = (get(planes, 4 + j / 4, r) >> 2 * (j % 4) & EACH(3)) << 4; break;
        default: break;
        }
        if (bits >= 4 && bits <= 6) low = get(planes, j / 2, r) >> 4 * (j % 2) & EACH(15);
        out->words[j] = low | high;
    }
}

/* ---- floats into panels ---- */

/* ggml's rule: scale = max|x| / 127 rounded to half, quant = round-half-away(x / unrounded scale). */
static void pack_q8_0(const float *in, int r, tm_panel_q8_0 *out) {
    float largest = 0;
    for (int i = 0; i < TM_BLOCK; i++) largest = fmaxf(largest, fabsf(in[i]));
    float scale = largest / 127.0f, inverse = scale != 0 ? 1.0f / scale : 0;
    uint8_t codes[TM_BLOCK];
    for (int i = 0; i < TM_BLOCK; i++)
        codes[i] = (uint8_t)(128 + (int)fminf(fmaxf(roundf(in[i] * inverse), -127), 127));
    codes32 words;
    memcpy(&words, codes, sizeof words);
    out->scale[r] = tm_to_f16(scale);
    put_codes((uint8_t *)out->planes, 8, r, &words);
}

/* ggml's rule: scale = (the value of largest magnitude) / -8, quant = trunc(x / scale + 8.5). */
static void pack_q4_0(const float *in, int r, tm_panel_q4_0 *out) {
    float largest = 0, extreme = 0;
    for (int i = 0; i < TM_BLOCK; i++)
        if (fabsf(in[i]) > largest) {
            largest = fabsf(in[i]);
            extreme = in[i];
        }
    float scale = extreme / -8.0f, inverse = scale != 0 ? 1.0f / scale : 0;
    uint8_t codes[TM_BLOCK];
    for (int i = 0; i < TM_BLOCK; i++)
        codes[i] = (uint8_t)fminf(fmaxf(in[i] * inverse + 8.5f, 0), 15);
    codes32 words;
    memcpy(&words, codes, sizeof words);
    out->scale[r] = tm_to_f16(scale);
    put_codes((uint8_t *)out->planes, 4, r, &words);
}

void tm_pack_panel(
    tm_format format, const float *rows, size_t stride, int32_t row_count, int32_t k, void *panel) {
    memset(panel, 0, tm_panel_bytes(format, k));
    for (int r = 0; r < row_count; r++) {
        const float *row = rows + (size_t)r * stride;
        switch (format) {
        case TM_F32:
            for (int32_t i = 0; i < k; i++)
                ((float *)panel)[(size_t)i * TM_PANEL_ROWS + (size_t)r] = row[i];
            break;
        case TM_F16:
            for (int32_t i = 0; i < k; i++)
                ((uint16_t *)panel)[(size_t)i * TM_PANEL_ROWS + (size_t)r] = tm_to_f16(row[i]);
            break;
        case TM_BF16:
            for (int32_t i = 0; i < k; i++)
                ((uint16_t *)panel)[tm_bf16_at(i, r)] = tm_to_bf16(row[i]);
            break;
        case TM_Q8_0:
            for (int32_t b = 0; b < k / TM_BLOCK; b++)
                pack_q8_0(row + (size_t)b * TM_BLOCK, r, (tm_panel_q8_0 *)panel + b);
            break;
        case TM_Q4_0:
            for (int32_t b = 0; b < k / TM_BLOCK; b++)
                pack_q4_0(row + (size_t)b * TM_BLOCK, r, (tm_panel_q4_0 *)panel + b);
            break;
        default: break;
        }
    }
}

/* ---- ggml's blocks into panels ---- */

static inline uint16_t load_half(const uint8_t *at) {
    uint16_t half;
    memcpy(&half, at, sizeof half);
    return half;
}

/* 16 bytes whose low nibbles are elements 0 to 15, the high ones 16 to 31. */
static void nibbles(const uint8_t *in, codes32 *out) {
    for (int j = 0; j < 4; j++) {
        uint32_t word = load_word(in + 4 * j);
        out->words[j] = word & EACH(15);
        out->words[j + 4] = word >> 4 & EACH(15);
    }
}

/* The same, and bit e of a little-endian word as the fifth bit of element e. */
static void nibbles5(const uint8_t *high, const uint8_t *in, codes32 *out) {
    nibbles(in, out);
    uint32_t bits = load_word(high);
    for (int j = 0; j < 8; j++) out->words[j] |= spread(bits >> 4 * j) << 4;
}

/* out |= `mask` bits from bit `shift` of each of 32 bytes, moved to bit `to`. */
static void gather_bits(const uint8_t *in, int shift, uint32_t mask, int to, codes32 *out) {
    for (int j = 0; j < 8; j++)
        out->words[j] |= (load_word(in + 4 * j) >> shift & EACH(mask)) << to;
}

/* The eight 6-bit scales and mins of q4_k and q5_k, 12 bytes. */
static void scales6(const uint8_t *in, uint8_t scales[8], uint8_t mins[8]) {
    for (int i = 0; i < 4; i++) {
        scales[i] = in[i] & 63;
        mins[i] = in[i + 4] & 63;
        scales[i + 4] = (uint8_t)((in[i + 8] & 15) | (in[i] >> 6) << 4);
        mins[i + 4] = (uint8_t)(in[i + 8] >> 4 | (in[i + 4] >> 6) << 4);
    }
}

/* The sixteen 6-bit scales of q3_k, 12 bytes. */
static void scales3(const uint8_t *in, int8_t scales[16]) {
    for (int i = 0; i < 16; i++) {
        int low = in[i % 8] >> 4 * (i / 8) & 15, high = in[8 + i % 4] >> 2 * (i / 4) & 3;
        scales[i] = (int8_t)((low | high << 4) - 32);
    }
}

/* The integers of 32 k, number `s` of their block; `in` is the block. */
static void block_codes(tm_format format, const uint8_t *in, int s, codes32 *out) {
    memset(out, 0, sizeof *out);
    /* 128 k of q2_k, q3_k and q6_k share bytes, 64 k of q4_k and q5_k. */
    int half = s / 4, quarter = s % 4;
    switch (format) {
    case TM_Q8_0:
        for (int j = 0; j < 8; j++) out->words[j] = load_word(in + 2 + 4 * j) ^ EACH(0x80);
        return;
    case TM_Q4_0:
    case TM_IQ4_NL: nibbles(in + 2, out); return;
    case TM_Q4_1: nibbles(in + 4, out); return;
    case TM_Q5_0: nibbles5(in + 2, in + 6, out); return;
    case TM_Q5_1: nibbles5(in + 4, in + 8, out); return;
    case TM_MXFP4: nibbles(in + 1, out); return;
    case TM_IQ4_XS: nibbles(in + 8 + 16 * s, out); return;
    case TM_Q2_K: gather_bits(in + 16 + 32 * half, 2 * quarter, 3, 0, out); return;
    case TM_Q3_K:
        gather_bits(in + 32 + 32 * half, 2 * quarter, 3, 0, out);
        gather_bits(in, s, 1, 2, out);
        return;
    case TM_Q4_K: gather_bits(in + 16 + 32 * (s / 2), 4 * (s % 2), 15, 0, out); return;
    case TM_Q5_K:
        gather_bits(in + 48 + 32 * (s / 2), 4 * (s % 2), 15, 0, out);
        gather_bits(in + 16, s, 1, 4, out);
        return;
    case TM_Q6_K:
        gather_bits(in + 64 * half + 32 * (quarter % 2), 4 * (quarter / 2), 15, 0, out);
        gather_bits(in + 128 + 32 * half, 2 * quarter, 3, 4, out);
        return;
    default: return;
    }
}

/* Puts 16-bit `value` in place r of the header's first, or second, sixteen. */
static void put_half(uint8_t *header, int which, int r, uint16_t value) {
    memcpy(header + (which * TM_PANEL_ROWS + r) * 2, &value, sizeof value);
}

/* The scales of one row's block. */
static void block_header(tm_format format, const uint8_t *in, int r, uint8_t *out) {
    switch (format) {
    case TM_MXFP4: out[r] = in[0]; return;
    case TM_Q4_1:
    case TM_Q5_1: put_half(out, 1, r, load_half(in + 2)); break;
    case TM_Q2_K: {
        tm_panel_q2_k *panel = (tm_panel_q2_k *)out;
        panel->d[r] = load_half(in + 80);
        panel->dmin[r] = load_half(in + 82);
        for (int i = 0; i < 16; i++) panel->scales[i][r] = in[i];
        return;
    }
    case TM_Q3_K: {
        tm_panel_q3_k *panel = (tm_panel_q3_k *)out;
        int8_t scales[16];
        scales3(in + 96, scales);
        panel->d[r] = load_half(in + 108);
        for (int i = 0; i < 16; i++) panel->scales[i][r] = scales[i];
        return;
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        tm_panel_q4_k *panel = (tm_panel_q4_k *)out; /* the headers are the same */
        uint8_t scales[8], mins[8];
        scales6(in + 4, scales, mins);
        for (int i = 0; i < 8; i++) {
            panel->scales[i][r] = scales[i];
            panel->mins[i][r] = mins[i];
        }
        panel->dmin[r] = load_half(in + 2);
        break;
    }
    case TM_Q6_K: {
        tm_panel_q6_k *panel = (tm_panel_q6_k *)out;
        panel->d[r] = load_half(in + 208);
        for (int i = 0; i < 16; i++) panel->scales[i][r] = (int8_t)in[192 + i];
        return;
    }
    case TM_IQ4_XS: {
        tm_panel_iq4_xs *panel = (tm_panel_iq4_xs *)out;
        uint16_t high = load_half(in + 2);
        for (int i = 0; i < 8; i++) {
            int low = in[4 + i / 2] >> 4 * (i % 2) & 15;
            panel->scales[i][r] = (int8_t)((low | (high >> 2 * i & 3) << 4) - 32);
        }
        break;
    }
    default: break;
    }
    put_half(out, 0, r, load_half(in));
}

static void pack_values(
    size_t size, const uint8_t *rows, size_t stride, int32_t row_count, int32_t k, uint8_t *out) {
    for (size_t i = 0; i < (size_t)k; i++)
        for (size_t r = 0; r < (size_t)row_count; r++)
            memcpy(out + (i * TM_PANEL_ROWS + r) * size, rows + r * stride + i * size, size);
}

static void pack_bf16(
    const uint8_t *rows, size_t stride, int32_t row_count, int32_t k, uint16_t *out) {
    for (int32_t i = 0; i < k; i++)
        for (int r = 0; r < row_count; r++)
            memcpy(out + tm_bf16_at(i, r), rows + (size_t)r * stride + (size_t)i * 2, 2);
}

void tm_pack_blocks(
    tm_format format, const void *rows, size_t stride, int32_t row_count, int32_t k, void *panel) {
    memset(panel, 0, tm_panel_bytes(format, k));
    size_t size = tm_block_bytes(format);
    /* Constant sizes, so that a copy is one move. */
    if (format == TM_F32) return pack_values(4, rows, stride, row_count, k, panel);
    if (format == TM_F16) return pack_values(2, rows, stride, row_count, k, panel);
    if (format == TM_BF16) return pack_bf16(rows, stride, row_count, k, panel);
    tm_layout layout = tm_layout_of(format);
    if (layout.width == 0) return;
    for (int32_t b = 0; b < k / layout.width; b++) {
        uint8_t *block = (uint8_t *)panel + (size_t)b * (size_t)layout.bytes;
        for (int r = 0; r < row_count; r++) {
            const uint8_t *in = (const uint8_t *)rows + (size_t)r * stride + (size_t)b * size;
            block_header(format, in, r, block);
            for (int s = 0; s < layout.width / TM_BLOCK; s++) {
                codes32 codes;
                block_codes(format, in, s, &codes);
                put_codes(block + layout.header + s * 64 * layout.bits, layout.bits, r, &codes);
            }
        }
    }
}

/* ---- codes, scales and zeros into panels ---- */

/* One row's group: its scale, its zero, and `layout.width` codes. */
static void pack_group(
    tm_layout layout, const uint8_t *codes, float scale, uint8_t zero, int r, uint8_t *out) {
    memcpy(out + (size_t)r * sizeof scale, &scale, sizeof scale);
    if (layout.zeros) out[TM_PANEL_ROWS * sizeof scale + (size_t)r] = zero;
    for (int s = 0; s < layout.width / TM_BLOCK; s++) {
        codes32 words;
        memcpy(&words, codes + s * TM_BLOCK, sizeof words);
        uint32_t flip = layout.bits == 8 ? EACH(0x80) : 0;
        for (int j = 0; j < 8; j++) words.words[j] ^= flip;
        put_codes(out + layout.header + s * 64 * layout.bits, layout.bits, r, &words);
    }
}

static void pack_f8(
    const uint8_t *codes, const float *scales, int32_t k, int r, tm_panel_f8g128 *groups) {
    for (int32_t i = 0; i < k; i++) {
        tm_panel_f8g128 *group = groups + i / 128;
        if (i % 128 == 0) group->scale[r] = scales[i / 128];
        group->codes[i % 128][r] = codes[i];
        if ((codes[i] & 0x7F) == 0x7F) group->scale[r] = NAN;
    }
}

void tm_pack_codes(
    tm_format format, const uint8_t *codes, size_t code_stride, const float *scales,
    const uint8_t *zeros, size_t group_stride, int32_t row_count, int32_t k, void *panel) {
    memset(panel, 0, tm_panel_bytes(format, k));
    tm_layout layout = tm_layout_of(format);
    for (size_t r = 0; r < (size_t)row_count; r++) {
        const uint8_t *row = codes + r * code_stride;
        if (format == TM_F8G128) {
            pack_f8(row, scales + r * group_stride, k, (int)r, panel);
            continue;
        }
        for (int32_t g = 0; layout.width > 0 && g < k / layout.width; g++) {
            size_t at = r * group_stride + (size_t)g;
            uint8_t zero = layout.zeros ? zeros[at] : 0;
            uint8_t *out = (uint8_t *)panel + (size_t)g * (size_t)layout.bytes;
            pack_group(layout, row + g * layout.width, scales[at], zero, (int)r, out);
        }
    }
}

/* ---- panels into rows ---- */

/* A row's scales of 32 k, number `s` of the block. */
static void read_scales(
    tm_format format, const uint8_t *block, int s, int r, float scale[2], float min[2]) {
    const tm_panel_q4_1 *halves = (const tm_panel_q4_1 *)block;
    float d = tm_f16(halves->scale[r]);
    switch (format) {
    case TM_Q4_1:
    case TM_Q5_1:
        scale[0] = d;
        min[0] = tm_f16(halves->min[r]);
        return;
    case TM_MXFP4: scale[0] = tm_e8m0_half(block[r]); return;
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        for (int i = 0; i < 2; i++) {
            uint8_t both = panel->scales[2 * s + i][r];
            scale[i] = d * (float)(both & 15);
            min[i] = -(tm_f16(panel->dmin[r]) * (float)(both >> 4));
        }
        return;
    }
    case TM_Q3_K:
        for (int i = 0; i < 2; i++)
            scale[i] = d * (float)((const tm_panel_q3_k *)block)->scales[2 * s + i][r];
        return;
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block; /* the headers are the same */
        scale[0] = d * (float)panel->scales[s][r];
        min[0] = -(tm_f16(panel->dmin[r]) * (float)panel->mins[s][r]);
        return;
    }
    case TM_Q6_K:
        for (int i = 0; i < 2; i++)
            scale[i] = d * (float)((const tm_panel_q6_k *)block)->scales[2 * s + i][r];
        return;
    case TM_IQ4_XS: scale[0] = d * (float)((const tm_panel_iq4_xs *)block)->scales[s][r]; return;
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: scale[0] = ((const float *)block)[r]; return;
    default: scale[0] = d;
    }
}

void tm_read_block(tm_format format, const void *panel, int32_t block, int row, tm_row_block *out) {
    static const int8_t iq4[16] = {TM_IQ4_VALUES}, mxfp4[16] = {TM_MXFP4_VALUES};
    tm_layout layout = tm_layout_of(format);
    int32_t blocks = layout.width / TM_BLOCK, s = block % blocks;
    const uint8_t *in = (const uint8_t *)panel + (size_t)(block / blocks) * (size_t)layout.bytes;
    codes32 words;
    get_codes(in + layout.header + s * 64 * layout.bits, layout.bits, row, &words);
    uint8_t codes[TM_BLOCK];
    memcpy(codes, &words, sizeof codes);
    int32_t bias = layout.zeros ? in[TM_PANEL_ROWS * sizeof(float) + (size_t)row] : layout.bias;
    for (int i = 0; i < TM_BLOCK; i++)
        switch (layout.book) {
        case TM_NO_BOOK: out->quants[i] = codes[i] - bias; break;
        case TM_IQ4_BOOK: out->quants[i] = iq4[codes[i]]; break;
        case TM_MXFP4_BOOK: out->quants[i] = mxfp4[codes[i]]; break;
        }
    read_scales(format, in, s, row, out->scale, out->min);
}

void tm_unpack_row(tm_format format, const void *panel, int32_t row, int32_t k, float *out) {
    tm_layout layout = tm_layout_of(format);
    if (layout.width == 0) {
        for (int32_t i = 0; i < k; i++) out[i] = tm_float_weight(format, panel, i, row);
        return;
    }
    for (int32_t b = 0; b < k / TM_BLOCK; b++, out += TM_BLOCK) {
        tm_row_block block;
        tm_read_block(format, panel, b, row, &block);
        for (int i = 0; i < TM_BLOCK; i++) {
            int s = layout.segments * i / TM_BLOCK;
            out[i] = block.scale[s] * (float)block.quants[i];
            if (layout.mins) out[i] += block.min[s];
        }
    }
}
