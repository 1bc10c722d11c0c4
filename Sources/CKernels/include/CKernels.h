#ifndef CKERNELS_H
#define CKERNELS_H

/* The numeric inner loops of Tokenmill, one table of functions per instruction set.
 *
 * Rules that hold for every function here:
 * - It allocates nothing, starts no threads, keeps no state and cannot fail. The caller guarantees
 *   shapes, alignment (64 bytes for panels) and room for what is written.
 * - A value depends on its own row and token alone: never on the number of tokens in the call, on
 *   their neighbours or on the range of panels. Sums run in one order, given beside each function.
 *   That makes logits bit-identical for any batch, chunk and thread count. */

#include <stddef.h>
#include <stdint.h>

/* Rows of a matrix that are stored side by side, so that one vector register holds one k of each. */
#define TM_PANEL_ROWS 16
/* Elements that share a scale, in weights (q8_0, q4_0) and in quantised activations. */
#define TM_BLOCK 32
/* Tokens in one block of the key/value cache. */
#define TM_KV_BLOCK 32

typedef enum {
    TM_F32,  /* panel: [k][16] float */
    TM_F16,  /* panel: [k][16] IEEE half */
    TM_BF16, /* panel: [k][16] bfloat16 */
    TM_Q8_0, /* panel: [k / 32] tm_panel_q8_0 */
    TM_Q4_0, /* panel: [k / 32] tm_panel_q4_0 */
    TM_FORMATS
} tm_format;

/* 32 k of 16 rows. quants[j][r][i] is row r, element 4 * j + i; value = scale[r] * quant. */
typedef struct {
    uint16_t scale[TM_PANEL_ROWS]; /* IEEE half */
    int8_t quants[8][TM_PANEL_ROWS][4];
} tm_panel_q8_0;
_Static_assert(sizeof(tm_panel_q8_0) == 544, "16 scales and 16 * 32 bytes");

/* 32 k of 16 rows. The low nibble of quants[j][r][i] is element 4 * j + i of row r, the high one
 * element 4 * j + i + 16; value = scale[r] * (nibble - 8). */
typedef struct {
    uint16_t scale[TM_PANEL_ROWS];
    uint8_t quants[4][TM_PANEL_ROWS][4];
} tm_panel_q4_0;
_Static_assert(sizeof(tm_panel_q4_0) == 288, "16 scales and 16 * 16 bytes");

/* Activations of `tokens` tokens, k elements each. Float formats read `values`; quantised ones read
 * what quantize() made of them. */
typedef struct {
    const float *values;
    size_t value_stride; /* floats from one token to the next */
    const int8_t *quants; /* [tokens][k] */
    const float *scales;  /* [tokens][k / 32] */
    const int32_t *sums;  /* [tokens][k / 32], sum of the block's quants */
    int32_t tokens;
    int32_t k;
} tm_activations;

/* y = W x, or y += W x. Writes rows [16 * panel_begin, 16 * panel_end) of every token; `y` has room
 * for whole panels. Order: k ascending, one fused multiply-add chain per (row, token); quantised
 * formats sum 32 products exactly in int32, then y = fma(wscale * xscale, sum, y) per block. */
typedef void tm_matmul_fn(
    const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,
    float *y, size_t y_stride, int32_t add);

/* One sequence's view of one layer's cache for one key/value head. Block i of the sequence is
 * number blocks[i]: its keys, [head_width][32 tokens], start at keys + blocks[i] * block_stride,
 * its values, [32 tokens][value_width], at values + blocks[i] * block_stride. */
typedef struct {
    const float *keys;
    const float *values;
    const int32_t *blocks;
    size_t block_stride; /* floats */
    int32_t first;       /* the first position attended: 0, or the start of a sliding window */
    int32_t tokens;      /* one past the last; more than first */
    int32_t head_width;  /* of queries and keys */
    int32_t value_width; /* of values and outputs */
    float scale;         /* on q . k */
    float softcap;       /* scores become softcap * tanh(score / softcap); 0 leaves them */
    const float *sinks;  /* per query head of the call, a score that takes weight and gives no value;
                          * NULL where there is none */
} tm_attention;

typedef struct {
    const char *name;
    tm_matmul_fn *matmul[TM_FORMATS];

    /* Symmetric int8 per 32: scale = max|x| / 127, quant = round-to-even(x / scale). */
    void (*quantize)(
        const float *x, int32_t k, int8_t *quants, float *scales, int32_t *sums);

    /* out = x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich 2019). */
    void (*rms_norm)(const float *x, const float *weight, int32_t n, float epsilon, float *out);

    /* Rotates pairs (x[i], x[i + width / 2]) by angle i (Su et al. 2021, "rotate half"). */
    void (*rope)(float *x, const float *cosines, const float *sines, int32_t width);

    /* gate = silu(gate) * up. */
    void (*swiglu)(float *gate, const float *up, int32_t n);

    /* x += y */
    void (*add)(float *x, const float *y, int32_t n);

    /* Softmax(q . K) V for `heads` query heads (rows of head_width, outputs of value_width, one
     * after the other) that share the key/value head. Blocks of 32 positions in ascending order
     * with a running maximum (Milakov and Gimelshein 2018). */
    void (*attend)(const tm_attention *cache, const float *q, int32_t heads, float *out);
} tm_kernels;

typedef enum { TM_LEVEL_PORTABLE, TM_LEVEL_AVX2, TM_LEVELS } tm_level;

/* The table of a level, or NULL when this processor or operating system lacks it. */
const tm_kernels *tm_kernels_at(tm_level level);

/* Bytes of one panel of k columns; k is a multiple of 32 for quantised formats. */
size_t tm_panel_bytes(tm_format format, int32_t k);

/* Steps of some families, a small share of their work: one definition for every level. */

typedef enum { TM_SILU, TM_GELU, TM_GELU_TANH, TM_RELU } tm_activation;

/* out = (x - mean) / sqrt(variance + epsilon) * weight + bias (Ba et al. 2016); bias may be NULL.
 * `out` may be x. */
void tm_layer_norm(
    const float *x, const float *weight, const float *bias, int32_t n, float epsilon, float *out);

/* x = f(x); GELU is exact (erf) or its tanh form (Hendrycks and Gimpel 2016). */
void tm_activate(tm_activation f, float *x, int32_t n);

/* gate = f(gate) * up */
void tm_activate_gate(tm_activation f, float *gate, const float *up, int32_t n);

/* gpt-oss: g = min(gate, limit), u = clamp(up, -limit, limit); gate = g * sigmoid(alpha * g) * (u + 1). */
void tm_clamped_swiglu(float *gate, const float *up, int32_t n, float alpha, float limit);

/* x = x * factor */
void tm_scale(float *x, int32_t n, float factor);

/* x = x + y * factor */
void tm_add_scaled(float *x, const float *y, int32_t n, float factor);

/* x = cap * tanh(x / cap) */
void tm_softcap(float *x, int32_t n, float cap);

/* Rotates neighbouring pairs (x[2i], x[2i + 1]) by angle i. */
void tm_rope_pairs(float *x, const float *cosines, const float *sines, int32_t width);

/* Load-time work, in portable C only. */

/* Packs up to 16 rows of k floats (row r at rows + r * stride, absent rows zero) into one panel,
 * rounding as ggml's reference quantisers do for q8_0 and q4_0. */
void tm_pack_panel(
    tm_format format, const float *rows, size_t stride, int32_t row_count, int32_t k, void *panel);

/* Row `row` (0 to 15) of a panel as k floats. */
void tm_unpack_row(tm_format format, const void *panel, int32_t row, int32_t k, float *out);

/* Writes one token's key and value of one head into slot `slot` of its block. */
void tm_store_kv(
    const float *key, const float *value, int32_t head_width, int32_t value_width, int32_t slot,
    float *keys, float *values);

/* What the machine can do, measured: loops for `tokenmill bench` and `doctor`. */

/* Reads `bytes` (a multiple of 64) and returns a value that depends on all of them. */
uint64_t tm_probe_read(const void *memory, size_t bytes);
/* Multiply-adds of the level's best int8 instruction on registers; returns how many operations
 * (2 per multiply-add) `rounds` made. */
double tm_probe_int8(tm_level level, int64_t rounds, int32_t *sink);
/* The same for float fused multiply-add. */
double tm_probe_f32(tm_level level, int64_t rounds, float *sink);

#endif
