/* Attention over the paged cache and the rotation of queries and keys, written once for all levels.
 * A level's file includes it inside its target attribute, having defined
 *     FLOAT_ROWS, INT8_ROWS          rows that go through a block together: 8, 4, 2 or 1
 *     dot4(ints, quads u, quads s)   lane l gains the products of bytes 4 l to 4 l + 3, u unsigned
 *     PIN(value)                     keeps a broadcast in a register, where that pays */

#ifndef TM_ATTENTION_H
#define TM_ATTENTION_H

#include "attention_lanes.h"

/* ---- vectors ---- */

static void rope(float *x, const float *cosines, const float *sines, int32_t width) {
    int32_t half = width / 2, i = 0;
    for (; i + LANES <= half; i += LANES) {
        floats a = LOAD(floats, x + i), b = LOAD(floats, x + half + i);
        floats c = LOAD(floats, cosines + i), s = LOAD(floats, sines + i);
        floats bs = b * s, as = a * s;
        SAVE(x + i, fma16(a, c, -bs));
        SAVE(x + half + i, fma16(b, c, as));
    }
    for (; i < half; i++) {
        float a = x[i], b = x[i + half], bs = b * sines[i], as = a * sines[i];
        x[i] = fmaf(a, cosines[i], -bs);
        x[i + half] = fmaf(b, cosines[i], as);
    }
}

/* Lanes with bit h of their index clear become the pair's sum, the others its difference. */
#define BUTTERFLY(v, h, ...)                                                                    \
    (PICK(v, v, __VA_ARGS__) +                                                                  \
     (floats)((words)v ^ ((words)(lane_index & h) << (31 - __builtin_ctz(h)))))

TM_INLINE floats butterflies(floats v) {
    v = BUTTERFLY(v, 1, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    v = BUTTERFLY(v, 2, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    v = BUTTERFLY(v, 4, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    return BUTTERFLY(v, 8, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
}

/* Walsh-Hadamard transform, not normalised, of each `size` (a power of two) elements. It spreads a
 * few large elements over all, which int8 with one scale then holds better; two vectors that are
 * both transformed keep their dot product, times `size`. */
static void hadamard(float *x, int32_t width, int32_t size) {
    for (float *end = x + width; x < end; x += size) {
        int32_t h = 1;
        if (size >= LANES) {
            for (int32_t i = 0; i < size; i += LANES)
                SAVE(x + i, butterflies(LOAD(floats, x + i)));
            h = LANES;
        }
        for (; h < size; h *= 2)
            for (int32_t i = 0; i < size; i += 2 * h)
                for (int32_t j = i; j < i + h; j++) {
                    float a = x[j], b = x[j + h];
                    x[j] = a + b;
                    x[j + h] = a - b;
                }
    }
}

TM_INLINE int32_t hadamard_size(int32_t width) { return width & -width; }

TM_INLINE int32_t rounded_up(int32_t count, int32_t step) {
    return (count + step - 1) / step * step;
}

/* quants = round(x / scale) with scale = max|x| / 127, which is returned: NaN when x has one.
 * `count` is a multiple of 4; absent lanes are zero. */
TM_INLINE float quantize(const float *x, int32_t count, int8_t *quants) {
    uint32_t most = 0;
    for (int32_t i = 0; i < count; i++) {
        uint32_t size = tm_float_to_bits(x[i]) & 0x7FFFFFFFu;
        most = size > most ? size : most;
    }
    float largest = tm_bits_to_float(most), inverse = largest > 0 ? 127.0f / largest : 0;
    for (int32_t i = 0; i < count; i++) {
        float shifted = fmaf(x[i], inverse, ROUNDER);
        quants[i] = (int8_t)tm_float_to_bits(shifted);
    }
    return largest / 127.0f;
}

/* ---- where things lie in a block ---- */

TM_INLINE const uint8_t *block_at(const tm_attention *a, int32_t index) {
    return (const uint8_t *)a->cache + (size_t)a->blocks[index] * a->block_stride;
}

/* int8 blocks begin with the scales of keys, then of values. */
#define SCALE_BYTES (2 * TM_KV_BLOCK * (int32_t)sizeof(float))

TM_INLINE size_t values_offset(tm_kv_format format, int32_t head_width) {
    size_t width = (size_t)head_width * TM_KV_BLOCK;
    switch (format) {
    case TM_KV_F32: return width * sizeof(float);
    case TM_KV_BF16: return width * sizeof(uint16_t);
    default: return (size_t)SCALE_BYTES + (size_t)rounded_up(head_width, 4) * TM_KV_BLOCK;
    }
}

TM_INLINE floats load16(tm_kv_format format, const void *base, size_t index) {
    if (format == TM_KV_F32) return LOAD(floats, (const float *)base + index);
    halves bits = LOAD(halves, (const uint16_t *)base + index);
    return (floats)(__builtin_convertvector(bits, words) << 16);
}

static void store_floats(
    tm_kv_format format, const float *key, const float *value, int32_t head_width,
    int32_t value_width, int32_t slot, void *block) {
    size_t stride = (size_t)rounded_up(value_width, LANES), row = (size_t)slot * stride;
    if (format == TM_KV_F32) {
        float *keys = block, *values = keys + (size_t)head_width * TM_KV_BLOCK;
        for (int32_t d = 0; d < head_width; d++) keys[d * TM_KV_BLOCK + slot] = key[d];
        memcpy(values + row, value, (size_t)value_width * sizeof *value);
    } else {
        uint16_t *keys = block, *values = keys + (size_t)head_width * TM_KV_BLOCK;
        for (int32_t d = 0; d < head_width; d++) keys[d * TM_KV_BLOCK + slot] = tm_to_bf16(key[d]);
        for (int32_t d = 0; d < value_width; d++) values[row + (size_t)d] = tm_to_bf16(value[d]);
    }
}

/* Keys are stored 128 too high: unsigned, as dot4 wants its first operand. */
static void store_int8(
    const float *key, const float *value, int32_t head_width, int32_t value_width, int32_t slot,
    uint8_t *block) {
    float copy[TM_ATTENTION_WIDTH];
    int8_t quants[TM_ATTENTION_WIDTH];
    int32_t stride = rounded_up(value_width, LANES);
    uint8_t *keys = block + SCALE_BYTES, *values = block + values_offset(TM_KV_INT8, head_width);
    memcpy(copy, key, (size_t)head_width * sizeof *key);
    hadamard(copy, head_width, hadamard_size(head_width));
    int32_t padded = rounded_up(head_width, 4);
    for (int32_t d = head_width; d < padded; d++) copy[d] = 0;
    float scale = quantize(copy, padded, quants);
    memcpy(block + (size_t)slot * sizeof scale, &scale, sizeof scale);
    for (int32_t d = 0; d < padded; d += 4) {
        uint32_t four = LOAD(uint32_t, quants + d) ^ 0x80808080u;
        SAVE(keys + d * TM_KV_BLOCK + 4 * slot, four);
    }
    memcpy(copy, value, (size_t)value_width * sizeof *value);
    hadamard(copy, value_width, hadamard_size(value_width));
    scale = quantize(copy, value_width, quants);
    memcpy(block + (size_t)(TM_KV_BLOCK + slot) * sizeof scale, &scale, sizeof scale);
    values += slot / 4 * stride * 4 + slot % 4;
    for (int32_t d = 0; d < value_width; d++) values[4 * d] = (uint8_t)quants[d];
}

static void store_kv(
    tm_kv_format format, const float *key, const float *value, int32_t head_width,
    int32_t value_width, int32_t slot, void *block) {
    if (format == TM_KV_INT8)
        store_int8(key, value, head_width, value_width, slot, block);
    else
        store_floats(format, key, value, head_width, value_width, slot, block);
}

/* ---- one call ---- */

/* The call's rows, made ready, and what they have gathered in the chunk at hand. Scores are in
 * units of log2(e), so that weights are powers of two. */
typedef struct {
    const tm_attention *call;
    int32_t rows, width, stride; /* of `queries` and `quants`; of `sums` */
    int32_t first[TM_ATTENTION_ROWS], last[TM_ATTENTION_ROWS]; /* positions seen: [first, last) */
    float factor[TM_ATTENTION_ROWS]; /* a score's, on the dot product */
    int32_t bias[TM_ATTENTION_ROWS]; /* what an int8 dot product starts with */
    float turn;                      /* see capped() */
    float maximum[TM_ATTENTION_ROWS];
    floats totals[TM_ATTENTION_ROWS];
    float sums[TM_ATTENTION_FLOATS];
    float queries[TM_ATTENTION_FLOATS];
    int8_t quants[TM_ATTENTION_FLOATS];
} tm_work;

static void prepare_quants(tm_work *w, int32_t row) {
    int32_t width = w->call->head_width, size = hadamard_size(width);
    float *q = w->queries + row * w->width;
    int8_t *quants = w->quants + row * w->width;
    for (int32_t d = width; d < w->width; d++) q[d] = 0;
    hadamard(q, width, size);
    w->factor[row] *= quantize(q, w->width, quants) / (float)size;
    int32_t sum = 0;
    for (int32_t d = 0; d < w->width; d++) sum += quants[d];
    w->bias[row] = -128 * sum;
}

static void prepare(tm_work *w, const tm_attention *a) {
    w->call = a;
    w->rows = a->queries * a->heads;
    w->width = rounded_up(a->head_width, 4);
    w->stride = rounded_up(a->value_width, LANES);
    w->turn = a->softcap > 0 ? 2 * TM_LOG2E / a->softcap : 0;
    float factor = a->softcap > 0 ? a->scale : a->scale * TM_LOG2E;
    for (int32_t row = 0; row < w->rows; row++) {
        int32_t query = row / a->heads, head = row % a->heads;
        w->last[row] = a->tokens + query;
        w->first[row] = a->window > 0 && w->last[row] > a->window ? w->last[row] - a->window : 0;
        w->factor[row] = factor;
        const float *q = a->q + (size_t)query * a->q_stride + (size_t)head * (size_t)a->head_width;
        memcpy(w->queries + row * w->width, q, (size_t)a->head_width * sizeof *q);
        if (a->format == TM_KV_INT8) prepare_quants(w, row);
    }
}

/* ---- one tile: some rows and a block ---- */

#define TILE_ROWS (INT8_ROWS > FLOAT_ROWS ? INT8_ROWS : FLOAT_ROWS)

/* s[r] = q . k for all 32 tokens: d ascending, one chain of multiply-adds. */
TM_INLINE void dot_floats(
    const tm_work *w, tm_kv_format format, const void *keys, int32_t row, int rows,
    floats (*s)[2]) {
    const float *q = w->queries + row * w->width;
    UNROLL for (int r = 0; r < rows; r++) s[r][0] = s[r][1] = (floats)0.0f;
    for (int32_t d = 0; d < w->call->head_width; d++) {
        floats k0 = load16(format, keys, (size_t)d * TM_KV_BLOCK);
        floats k1 = load16(format, keys, (size_t)d * TM_KV_BLOCK + LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            floats value = (floats)q[r * w->width + d];
            s[r][0] = fma16(k0, value, s[r][0]);
            s[r][1] = fma16(k1, value, s[r][1]);
        }
    }
    UNROLL for (int r = 0; r < rows; r++)
        for (int i = 0; i < 2; i++) s[r][i] = s[r][i] * w->factor[row + r];
}

/* The same in exact integers, then times the key's scale times the row's factor. */
TM_INLINE void dot_int8(
    const tm_work *w, const uint8_t *block, int32_t row, int rows, floats (*s)[2]) {
    const int8_t *q = w->quants + row * w->width;
    const uint8_t *keys = block + SCALE_BYTES;
    ints dots[TILE_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++) dots[r][0] = dots[r][1] = (ints)w->bias[row + r];
    for (int32_t d = 0; d < w->width; d += 4, keys += 8 * LANES) {
        quads k0 = LOAD(quads, keys), k1 = LOAD(quads, keys + 4 * LANES);
        UNROLL for (int r = 0; r < rows; r++) {
            quads value = repeat4(q + r * w->width + d);
            PIN(value);
            dots[r][0] = dot4(dots[r][0], k0, value);
            dots[r][1] = dot4(dots[r][1], k1, value);
        }
    }
    floats scale[2] = {LOAD(floats, block), LOAD(floats, block + sizeof(floats))};
    UNROLL for (int r = 0; r < rows; r++)
        for (int i = 0; i < 2; i++) {
            floats factor = scale[i] * w->factor[row + r];
            s[r][i] = __builtin_convertvector(dots[r][i], floats) * factor;
        }
}

/* Lane by lane: whether the row sees the position. */
TM_INLINE ints seen(const tm_work *w, int32_t row, int32_t start, int half) {
    ints position = lane_index + (start + half * LANES);
    return (position >= w->first[row]) & (position < w->last[row]);
}

TM_INLINE int sees_all(const tm_work *w, int32_t row, int32_t start) {
    return w->first[row] <= start && w->last[row] >= start + TM_KV_BLOCK;
}

/* Scores become weights 2^(score - maximum), 0 where the row sees nothing; shrink[r] is what the
 * row's earlier sums are multiplied with. */
TM_INLINE void soften(
    tm_work *w, int32_t row, int rows, int32_t start, floats (*s)[2], float *shrink) {
    floats most[TILE_ROWS];
    UNROLL for (int r = 0; r < rows; r++) {
        if (w->turn > 0)
            for (int i = 0; i < 2; i++) s[r][i] = capped(s[r][i], w->turn, w->call->softcap);
        if (!sees_all(w, row + r, start))
            for (int i = 0; i < 2; i++)
                s[r][i] = seen(w, row + r, start, i) ? s[r][i] : (floats)-INFINITY;
        most[r] = largest_float_of(s[r][0], s[r][1]);
    }
    float before[LANES] = {0}, maximum[LANES];
    for (int r = 0; r < rows; r++) before[r] = w->maximum[row + r];
    floats old = LOAD(floats, before);
    floats new = largest_float_of(largest_float(most, rows), old);
    SAVE(maximum, new);
    SAVE(shrink, exp2_16(old - new));
    UNROLL for (int r = 0; r < rows; r++) {
        w->maximum[row + r] = maximum[r];
        for (int i = 0; i < 2; i++) s[r][i] = exp2_16(s[r][i] - maximum[r]);
        if (!sees_all(w, row + r, start))
            for (int i = 0; i < 2; i++)
                s[r][i] = seen(w, row + r, start, i) ? s[r][i] : (floats)0.0f;
        floats both = s[r][0] + s[r][1];
        w->totals[row + r] = fma16(w->totals[row + r], (floats)shrink[r], both);
    }
}

/* sum = sum * shrink + weights V: tokens ascending, one chain of multiply-adds. */
TM_INLINE void mix_floats(
    tm_work *w, tm_kv_format format, const void *values, int32_t row, int rows, int vectors,
    int32_t d, int32_t begin, int32_t end, float (*weights)[TM_KV_BLOCK], const float *shrink) {
    float *out = w->sums + row * w->stride + d;
    floats sums[TILE_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int i = 0; i < vectors; i++)
            sums[r][i] = LOAD(floats, out + r * w->stride + i * LANES) * shrink[r];
    for (int32_t t = begin; t < end; t++) {
        floats v[2];
        UNROLL for (int i = 0; i < vectors; i++)
            v[i] = load16(format, values, (size_t)(t * w->stride + d + i * LANES));
        UNROLL for (int r = 0; r < rows; r++)
            UNROLL for (int i = 0; i < vectors; i++)
                sums[r][i] = fma16(v[i], (floats)weights[r][t], sums[r][i]);
    }
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int i = 0; i < vectors; i++)
            SAVE(out + r * w->stride + i * LANES, sums[r][i]);
}

TM_INLINE void mix_all_floats(
    tm_work *w, tm_kv_format format, const void *values, int32_t row, int rows, int32_t begin,
    int32_t end, float (*weights)[TM_KV_BLOCK], const float *shrink) {
    int32_t d = 0;
    for (; d + 2 * LANES <= w->stride; d += 2 * LANES)
        mix_floats(w, format, values, row, rows, 2, d, begin, end, weights, shrink);
    if (d < w->stride)
        mix_floats(w, format, values, row, rows, 1, d, begin, end, weights, shrink);
}

TM_INLINE void tile_floats(
    tm_work *w, tm_kv_format format, const uint8_t *block, int32_t row, int rows, int32_t start) {
    floats s[TILE_ROWS][2];
    float weights[TILE_ROWS][TM_KV_BLOCK], shrink[LANES];
    dot_floats(w, format, block, row, rows, s);
    soften(w, row, rows, start, s, shrink);
    int all = 1;
    for (int r = 0; r < rows; r++) {
        for (int i = 0; i < 2; i++) SAVE(weights[r] + i * LANES, s[r][i]);
        all = all && sees_all(w, row + r, start);
    }
    const void *values = block + values_offset(format, w->call->head_width);
    if (all) {
        mix_all_floats(w, format, values, row, rows, 0, TM_KV_BLOCK, weights, shrink);
        return;
    }
    /* What a row does not see may be anything, NaN too: it must not even be multiplied by 0. */
    for (int r = 0; r < rows; r++) {
        int32_t begin = w->first[row + r] - start, end = w->last[row + r] - start;
        begin = begin > 0 ? begin : 0;
        end = end < TM_KV_BLOCK ? end : TM_KV_BLOCK;
        mix_all_floats(w, format, values, row + r, 1, begin, end, weights + r, shrink + r);
    }
}

/* Weights times their values' scales, in a byte each with one scale for the row and block. A token
 * that takes most weight often has a small value; with its scale in the weight, others keep theirs.
 */
TM_INLINE void quantize_weights(
    const tm_work *w, const uint8_t *block, int32_t row, int rows, int32_t start, floats (*s)[2],
    uint8_t (*weights)[TM_KV_BLOCK], float *scale) {
    floats value_scale[2] = {
        LOAD(floats, block + 2 * sizeof(floats)), LOAD(floats, block + 3 * sizeof(floats))};
    words most[TILE_ROWS];
    UNROLL for (int r = 0; r < rows; r++) {
        for (int i = 0; i < 2; i++) s[r][i] = s[r][i] * value_scale[i];
        if (!sees_all(w, row + r, start))
            for (int i = 0; i < 2; i++)
                s[r][i] = seen(w, row + r, start, i) ? s[r][i] : (floats)0.0f;
        most[r] = largest_word_of((words)s[r][0], (words)s[r][1]);
    }
    floats largest = (floats)largest_word(most, rows);
    float inverse[LANES];
    SAVE(scale, largest / 255.0f);
    floats inverses = 255.0f / largest;
    /* Tiny weights have no inverse that is a number. */
    SAVE(inverse, largest > 1e-30f ? inverses : (floats)0.0f);
    UNROLL for (int r = 0; r < rows; r++)
        for (int i = 0; i < 2; i++) {
            words quants = (words)fma16(s[r][i], (floats)inverse[r], (floats)ROUNDER);
            SAVE(weights[r] + i * LANES, __builtin_convertvector(quants, bytes));
        }
}

/* sum = sum * shrink + scale * (weights V), the product in exact integers. */
TM_INLINE void mix_int8(
    tm_work *w, const uint8_t *values, int32_t row, int rows, int vectors, int32_t d,
    const uint8_t (*weights)[TM_KV_BLOCK], const float *scale, const float *shrink) {
    ints dots[TILE_ROWS][2];
    UNROLL for (int r = 0; r < rows; r++) dots[r][0] = dots[r][1] = (ints)0;
    for (int32_t t = 0; t < TM_KV_BLOCK; t += 4) {
        quads v[2];
        UNROLL for (int i = 0; i < vectors; i++)
            v[i] = LOAD(quads, values + t * w->stride + 4 * (d + i * LANES));
        UNROLL for (int r = 0; r < rows; r++) {
            quads weight = repeat4(weights[r] + t);
            PIN(weight);
            UNROLL for (int i = 0; i < vectors; i++) dots[r][i] = dot4(dots[r][i], weight, v[i]);
        }
    }
    float *out = w->sums + row * w->stride + d;
    UNROLL for (int r = 0; r < rows; r++)
        UNROLL for (int i = 0; i < vectors; i++) {
            float *at = out + r * w->stride + i * LANES;
            floats earlier = LOAD(floats, at) * shrink[r];
            floats product = __builtin_convertvector(dots[r][i], floats);
            SAVE(at, fma16(product, (floats)scale[r], earlier));
        }
}

TM_INLINE void tile_int8(tm_work *w, const uint8_t *block, int32_t row, int rows, int32_t start) {
    floats s[TILE_ROWS][2];
    float shrink[LANES], scale[LANES];
    uint8_t weights[TILE_ROWS][TM_KV_BLOCK];
    dot_int8(w, block, row, rows, s);
    soften(w, row, rows, start, s, shrink);
    quantize_weights(w, block, row, rows, start, s, weights, scale);
    const uint8_t *values = block + values_offset(TM_KV_INT8, w->call->head_width);
    int32_t d = 0;
    for (; d + 2 * LANES <= w->stride; d += 2 * LANES)
        mix_int8(w, values, row, rows, 2, d, weights, scale, shrink);
    if (d < w->stride) mix_int8(w, values, row, rows, 1, d, weights, scale, shrink);
}

TM_INLINE void tile(
    tm_work *w, tm_kv_format format, const uint8_t *block, int32_t row, int rows, int32_t start) {
    if (format == TM_KV_INT8)
        tile_int8(w, block, row, rows, start);
    else
        tile_floats(w, format, block, row, rows, start);
}

#define TILES(count)                                                                            \
    if ((format == TM_KV_INT8 ? INT8_ROWS : FLOAT_ROWS) >= count)                               \
        for (; row + count <= end; row += count) tile(w, format, block, row, count, start);
TM_INLINE void block_rows(
    tm_work *w, tm_kv_format format, const uint8_t *block, int32_t row, int32_t end,
    int32_t start) {
    TILES(8)
    TILES(4)
    TILES(2)
    TILES(1)
}
#undef TILES

/* Not inlined: three times all tile sizes in each caller would be much code. */
static __attribute__((noinline)) void block_f32(
    tm_work *w, const uint8_t *block, int32_t row, int32_t end, int32_t start) {
    block_rows(w, TM_KV_F32, block, row, end, start);
}
static __attribute__((noinline)) void block_bf16(
    tm_work *w, const uint8_t *block, int32_t row, int32_t end, int32_t start) {
    block_rows(w, TM_KV_BF16, block, row, end, start);
}
static __attribute__((noinline)) void block_int8(
    tm_work *w, const uint8_t *block, int32_t row, int32_t end, int32_t start) {
    block_rows(w, TM_KV_INT8, block, row, end, start);
}

/* ---- chunks ---- */

/* Rows [begin, end) are those that see any of the positions [start, start + count): rows see
 * further the later they come. */
TM_INLINE void rows_that_see(
    const tm_work *w, int32_t start, int32_t count, int32_t *begin, int32_t *end) {
    *begin = 0;
    *end = w->rows;
    while (*begin < *end && w->last[*begin] <= start) *begin += 1;
    while (*end > *begin && w->first[*end - 1] >= start + count) *end -= 1;
}

TM_INLINE void prefetch(const tm_work *w, int32_t block) {
    const tm_attention *a = w->call;
    if (block * TM_KV_BLOCK >= w->last[w->rows - 1]) return;
    const uint8_t *at = block_at(a, block);
    size_t size = tm_kv_block_bytes(a->format, a->head_width, a->value_width);
    for (size_t i = 0; i < size; i += 64) __builtin_prefetch(at + i, 0, 2);
}

/* Gathers one chunk of positions, from nothing. */
static void gather(tm_work *w, int32_t chunk) {
    const tm_attention *a = w->call;
    int32_t first = w->first[0], last = w->last[w->rows - 1];
    int32_t block = chunk * TM_ATTENTION_CHUNK / TM_KV_BLOCK;
    int32_t end = block + TM_ATTENTION_CHUNK / TM_KV_BLOCK;
    if (block < first / TM_KV_BLOCK) block = first / TM_KV_BLOCK;
    for (int32_t row = 0; row < w->rows; row++) {
        w->maximum[row] = -INFINITY;
        w->totals[row] = (floats)0.0f;
    }
    memset(w->sums, 0, (size_t)(w->rows * w->stride) * sizeof *w->sums);
    for (; block < end && block * TM_KV_BLOCK < last; block++) {
        int32_t start = block * TM_KV_BLOCK, row, row_end;
        rows_that_see(w, start, TM_KV_BLOCK, &row, &row_end);
        const uint8_t *at = block_at(a, block);
        if (block + 1 < end) prefetch(w, block + 1);
        switch (a->format) {
        case TM_KV_F32: block_f32(w, at, row, row_end, start); break;
        case TM_KV_BF16: block_bf16(w, at, row, row_end, start); break;
        default: block_int8(w, at, row, row_end, start); break;
        }
    }
}

/* What a row has gathered over some chunks; the sum is in the call's `out`. */
typedef struct {
    float maximum, total;
    int32_t started;
} tm_gathered;

TM_INLINE float *out_of(const tm_attention *a, int32_t row) {
    return a->out + (size_t)(row / a->heads) * a->out_stride +
        (size_t)(row % a->heads) * (size_t)a->value_width;
}

static void begin_row(const tm_attention *a, int32_t row, tm_gathered *g) {
    *g = (tm_gathered){-INFINITY, 0, 0};
    if (!a->sinks) return;
    /* A score that came before all others and has no value. */
    *g = (tm_gathered){a->sinks[row % a->heads] * TM_LOG2E, 1, 1};
    memset(out_of(a, row), 0, (size_t)a->value_width * sizeof *a->out);
}

/* Adds a later chunk to what a row has gathered. */
static void join(
    const tm_attention *a, int32_t row, tm_gathered *g, float maximum, float total,
    const float *sum) {
    float *out = out_of(a, row);
    if (!g->started) {
        *g = (tm_gathered){maximum, total, 1};
        memcpy(out, sum, (size_t)a->value_width * sizeof *sum);
        return;
    }
    float new = maximum > g->maximum ? maximum : g->maximum;
    float old_factor = exp2_1(g->maximum - new), factor = exp2_1(maximum - new);
    float earlier = g->total * old_factor;
    g->total = fmaf(total, factor, earlier);
    g->maximum = new;
    for (int32_t d = 0; d < a->value_width; d++) {
        earlier = out[d] * old_factor;
        out[d] = fmaf(sum[d], factor, earlier);
    }
}

static void end_row(const tm_attention *a, int32_t row, const tm_gathered *g) {
    float *out = out_of(a, row), inverse = 1.0f / g->total;
    if (a->format == TM_KV_INT8) {
        int32_t size = hadamard_size(a->value_width);
        hadamard(out, a->value_width, size); /* its own inverse, times `size` */
        inverse = inverse / (float)size;
    }
    for (int32_t d = 0; d < a->value_width; d++) out[d] = out[d] * inverse;
}

static void attend(const tm_attention *a) {
    tm_work w;
    tm_gathered gathered[TM_ATTENTION_ROWS];
    prepare(&w, a);
    for (int32_t row = 0; row < w.rows; row++) begin_row(a, row, gathered + row);
    int32_t last = w.last[w.rows - 1];
    for (int32_t c = w.first[0] / TM_ATTENTION_CHUNK; c * TM_ATTENTION_CHUNK < last; c++) {
        int32_t row, end;
        gather(&w, c);
        rows_that_see(&w, c * TM_ATTENTION_CHUNK, TM_ATTENTION_CHUNK, &row, &end);
        for (; row < end; row++)
            join(
                a, row, gathered + row, w.maximum[row], sum_lanes(w.totals[row]),
                w.sums + row * w.stride);
    }
    for (int32_t row = 0; row < w.rows; row++) end_row(a, row, gathered + row);
}

static void attend_chunk(const tm_attention *a, int32_t chunk, float *part) {
    tm_work w;
    prepare(&w, a);
    gather(&w, chunk);
    for (int32_t row = 0; row < w.rows; row++, part += TM_ATTENTION_PART(a->value_width)) {
        part[0] = w.maximum[row];
        part[1] = sum_lanes(w.totals[row]);
        memcpy(part + 2, w.sums + row * w.stride, (size_t)a->value_width * sizeof *part);
    }
}

static void join_chunks(const tm_attention *a, const float *parts) {
    int32_t size = TM_ATTENTION_PART(a->value_width), rows = a->queries * a->heads;
    for (int32_t row = 0; row < rows; row++) {
        int32_t last = a->tokens + row / a->heads;
        int32_t first = a->window > 0 && last > a->window ? last - a->window : 0;
        int32_t lowest = a->window > 0 && a->tokens > a->window ? a->tokens - a->window : 0;
        tm_gathered gathered;
        begin_row(a, row, &gathered);
        for (int32_t c = first / TM_ATTENTION_CHUNK; c * TM_ATTENTION_CHUNK < last; c++) {
            int32_t at = (c - lowest / TM_ATTENTION_CHUNK) * rows + row;
            const float *part = parts + (size_t)at * (size_t)size;
            join(a, row, &gathered, part[0], part[1], part + 2);
        }
        end_row(a, row, &gathered);
    }
}

#define TM_ATTENTION_TABLE                                                                      \
    {                                                                                           \
        .rope = rope, .store = store_kv, .attend = attend, .attend_chunk = attend_chunk,        \
        .join_chunks = join_chunks,                                                             \
    }

#endif
