/* Between rows of floats and the layouts that kernels read: panels, cache blocks. */

#include <math.h>

#include "impl.h"

size_t tm_panel_bytes(tm_format format, int32_t k) {
    size_t columns = (size_t)k;
    switch (format) {
    case TM_F32: return columns * TM_PANEL_ROWS * 4;
    case TM_F16:
    case TM_BF16: return columns * TM_PANEL_ROWS * 2;
    case TM_Q8_0: return columns / TM_BLOCK * sizeof(tm_panel_q8_0);
    case TM_Q4_0: return columns / TM_BLOCK * sizeof(tm_panel_q4_0);
    default: return 0;
    }
}

/* ggml's rule: scale = max|x| / 127 rounded to half, quant = round-half-away(x / unrounded scale). */
static void pack_q8_0(const float *in, int r, tm_panel_q8_0 *out) {
    float largest = 0;
    for (int i = 0; i < TM_BLOCK; i++) largest = fmaxf(largest, fabsf(in[i]));
    float scale = largest / 127.0f, inverse = scale != 0 ? 1.0f / scale : 0;
    out->scale[r] = tm_to_f16(scale);
    for (int i = 0; i < TM_BLOCK; i++)
        out->quants[i / 4][r][i % 4] = (int8_t)fminf(fmaxf(roundf(in[i] * inverse), -127), 127);
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
    out->scale[r] = tm_to_f16(scale);
    for (int i = 0; i < TM_BLOCK / 2; i++) {
        int low = (int)fminf(fmaxf(in[i] * inverse + 8.5f, 0), 15);
        int high = (int)fminf(fmaxf(in[i + 16] * inverse + 8.5f, 0), 15);
        out->quants[i / 4][r][i % 4] = (uint8_t)(low | high << 4);
    }
}

void tm_pack_panel(
    tm_format format, const float *rows, size_t stride, int32_t row_count, int32_t k, void *panel) {
    memset(panel, 0, tm_panel_bytes(format, k));
    for (int r = 0; r < row_count; r++) {
        const float *row = rows + (size_t)r * stride;
        switch (format) {
        case TM_F32:
            for (int32_t i = 0; i < k; i++) ((float *)panel)[(size_t)i * TM_PANEL_ROWS + (size_t)r] = row[i];
            break;
        case TM_F16:
            for (int32_t i = 0; i < k; i++)
                ((uint16_t *)panel)[(size_t)i * TM_PANEL_ROWS + (size_t)r] = tm_to_f16(row[i]);
            break;
        case TM_BF16:
            for (int32_t i = 0; i < k; i++)
                ((uint16_t *)panel)[(size_t)i * TM_PANEL_ROWS + (size_t)r] = tm_to_bf16(row[i]);
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

static float unpack_one(tm_format format, const void *panel, int32_t row, int32_t i) {
    size_t flat = (size_t)i * TM_PANEL_ROWS + (size_t)row;
    int32_t j = i % TM_BLOCK;
    switch (format) {
    case TM_F32: return ((const float *)panel)[flat];
    case TM_F16: return tm_f16(((const uint16_t *)panel)[flat]);
    case TM_BF16: return tm_bf16(((const uint16_t *)panel)[flat]);
    case TM_Q8_0: {
        const tm_panel_q8_0 *block = (const tm_panel_q8_0 *)panel + i / TM_BLOCK;
        return tm_f16(block->scale[row]) * (float)block->quants[j / 4][row][j % 4];
    }
    case TM_Q4_0: {
        const tm_panel_q4_0 *block = (const tm_panel_q4_0 *)panel + i / TM_BLOCK;
        uint8_t pair = block->quants[j % 16 / 4][row][j % 4];
        return tm_f16(block->scale[row]) * (float)((j < 16 ? pair & 15 : pair >> 4) - 8);
    }
    default: return 0;
    }
}

void tm_unpack_row(tm_format format, const void *panel, int32_t row, int32_t k, float *out) {
    for (int32_t i = 0; i < k; i++) out[i] = unpack_one(format, panel, row, i);
}

void tm_store_kv(
    const float *key, const float *value, int32_t head_width, int32_t value_width, int32_t slot,
    float *keys, float *values) {
    for (int32_t d = 0; d < head_width; d++) keys[d * TM_KV_BLOCK + slot] = key[d];
    memcpy(values + (size_t)slot * (size_t)value_width, value, (size_t)value_width * sizeof *value);
}
