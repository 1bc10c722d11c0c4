/* Attention in vectors that compilers make from plain C, and the sizes that all levels share. */

#include "impl.h"

#include "attention_lanes.h"

#define FLOAT_ROWS 1
#define INT8_ROWS 1
#define PIN(value)

TM_INLINE ints dot4(ints sum, quads u, quads s) {
    for (int shift = 0; shift < 32; shift += 8)
        sum += ((ints)u >> shift & 255) * (((ints)s << (24 - shift)) >> 24);
    return sum;
}

#include "attention.h"

const tm_attention_kernels tm_portable_attention = TM_ATTENTION_TABLE;

size_t tm_kv_block_bytes(tm_kv_format format, int32_t head_width, int32_t value_width) {
    size_t values = (size_t)rounded_up(value_width, LANES) * TM_KV_BLOCK;
    size_t width = format == TM_KV_F32 ? sizeof(float) : format == TM_KV_BF16 ? 2 : 1;
    return values_offset(format, head_width) + values * width;
}

int32_t tm_attention_rows(int32_t head_width, int32_t value_width) {
    int32_t width = rounded_up(head_width, 4), stride = rounded_up(value_width, LANES);
    int32_t rows = TM_ATTENTION_FLOATS / (width > stride ? width : stride);
    return rows < TM_ATTENTION_ROWS ? rows : TM_ATTENTION_ROWS;
}
