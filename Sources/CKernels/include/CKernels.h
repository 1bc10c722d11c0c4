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
/* Kernels take weights in steps of so many k; row lengths of quantised formats are multiples. */
#define TM_BLOCK 32
/* Elements of a quantised activation that share a scale; a row's last group may have fewer. Groups
 * divide the superblocks of weights. */
#define TM_X_GROUP 128
/* Tokens in one block of the key/value cache. */
#define TM_KV_BLOCK 32

/* How weights are stored, and what one means. q is the stored integer; K formats and iq4_xs have
 * superblocks of 256 with a half-precision d (and dmin) and small integer scales (sc, m). ggml's
 * formats keep ggml's numbers exactly; only their places differ. */
typedef enum {
    TM_F32,    /* panel: [k][16] float */
    TM_F16,    /* panel: [k][16] IEEE half */
    TM_BF16,   /* panel: [k / 2][16][2] bfloat16, an odd last k with a zero beside it */
    TM_Q8_0,   /* scale * (q - 128), per 32 */
    TM_Q4_0,   /* scale * (q - 8), per 32 */
    TM_Q4_1,   /* scale * q + min, per 32 */
    TM_Q5_0,   /* scale * (q - 16), per 32 */
    TM_Q5_1,   /* scale * q + min, per 32 */
    TM_IQ4_NL, /* scale * iq4[q], per 32 */
    TM_MXFP4,  /* 2^(e - 128) * e2m1[q], per 32 (OCP Microscaling; e2m1 holds doubled values) */
    TM_Q2_K,   /* (d * sc) * q - dmin * m, sc and m (4 bits) per 16 */
    TM_Q3_K,   /* (d * sc) * (q - 4), sc (-32 to 31) per 16 */
    TM_Q4_K,   /* (d * sc) * q - dmin * m, sc and m (6 bits) per 32 */
    TM_Q5_K,   /* the same with q of 5 bits */
    TM_Q6_K,   /* (d * sc) * (q - 32), sc (8 bits) per 16 */
    TM_IQ4_XS, /* (d * sc) * iq4[q], sc (-32 to 31) per 32 */
    TM_U4G32,  /* scale * (q - zero), float scale, per 32 */
    TM_U4G128, /* the same per 128 */
    TM_S8G32,  /* scale * (q - 128), float scale, per 32 */
    TM_S8G128, /* the same per 128 */
    TM_F8G128, /* scale * q, q in E4M3, float scale, per 128; the last group may be short. A NaN
                * makes its whole group NaN, as it makes every product of the row. */
    TM_FORMATS
} tm_format;

/* The integers of 32 k of 16 rows lie in planes, so that one 64-byte load holds 4 k of each row.
 * [r] is the row, [i] the element within four; element 4 * j + i is found
 * - in bytes at [j],
 * - in nibbles at [j / 2], the low half for even j,
 * - in crumbs (2 bits) at [j / 4], bits 2 * (j % 4) and up,
 * - in bits, bit j.
 * Five bits are a nibble and then one bit above, six a nibble and a crumb, three a crumb and a bit.
 */
typedef struct { uint8_t crumbs[2][TM_PANEL_ROWS][4]; } tm_planes2;
typedef struct { uint8_t crumbs[2][TM_PANEL_ROWS][4], bits[TM_PANEL_ROWS][4]; } tm_planes3;
typedef struct { uint8_t nibbles[4][TM_PANEL_ROWS][4]; } tm_planes4;
typedef struct { uint8_t nibbles[4][TM_PANEL_ROWS][4], bits[TM_PANEL_ROWS][4]; } tm_planes5;
typedef struct { uint8_t nibbles[4][TM_PANEL_ROWS][4], crumbs[2][TM_PANEL_ROWS][4]; } tm_planes6;
typedef struct { uint8_t bytes[8][TM_PANEL_ROWS][4]; } tm_planes8;

/* A panel is an array of these. Scales of type uint16_t are IEEE halves. */
typedef struct { uint16_t scale[TM_PANEL_ROWS]; tm_planes8 planes[1]; } tm_panel_q8_0;
typedef struct { uint16_t scale[TM_PANEL_ROWS]; tm_planes4 planes[1]; } tm_panel_q4_0;
typedef struct {
    uint16_t scale[TM_PANEL_ROWS], min[TM_PANEL_ROWS];
    tm_planes4 planes[1];
} tm_panel_q4_1;
typedef struct { uint16_t scale[TM_PANEL_ROWS]; tm_planes5 planes[1]; } tm_panel_q5_0;
typedef struct {
    uint16_t scale[TM_PANEL_ROWS], min[TM_PANEL_ROWS];
    tm_planes5 planes[1];
} tm_panel_q5_1;
typedef tm_panel_q4_0 tm_panel_iq4_nl;
typedef struct { uint8_t exponent[TM_PANEL_ROWS]; tm_planes4 planes[1]; } tm_panel_mxfp4;
typedef struct {
    uint16_t d[TM_PANEL_ROWS], dmin[TM_PANEL_ROWS];
    uint8_t scales[16][TM_PANEL_ROWS]; /* sc in the low nibble, m in the high one, as in ggml */
    tm_planes2 planes[8];
} tm_panel_q2_k;
typedef struct {
    uint16_t d[TM_PANEL_ROWS];
    int8_t scales[16][TM_PANEL_ROWS];
    tm_planes3 planes[8];
} tm_panel_q3_k;
typedef struct {
    uint16_t d[TM_PANEL_ROWS], dmin[TM_PANEL_ROWS];
    uint8_t scales[8][TM_PANEL_ROWS], mins[8][TM_PANEL_ROWS];
    tm_planes4 planes[8];
} tm_panel_q4_k;
typedef struct {
    uint16_t d[TM_PANEL_ROWS], dmin[TM_PANEL_ROWS];
    uint8_t scales[8][TM_PANEL_ROWS], mins[8][TM_PANEL_ROWS];
    tm_planes5 planes[8];
} tm_panel_q5_k;
typedef struct {
    uint16_t d[TM_PANEL_ROWS];
    int8_t scales[16][TM_PANEL_ROWS];
    tm_planes6 planes[8];
} tm_panel_q6_k;
typedef struct {
    uint16_t d[TM_PANEL_ROWS];
    int8_t scales[8][TM_PANEL_ROWS];
    tm_planes4 planes[8];
} tm_panel_iq4_xs;
typedef struct {
    float scale[TM_PANEL_ROWS];
    uint8_t zero[TM_PANEL_ROWS];
    tm_planes4 planes[1];
} tm_panel_u4g32;
typedef struct {
    float scale[TM_PANEL_ROWS];
    uint8_t zero[TM_PANEL_ROWS];
    tm_planes4 planes[4];
} tm_panel_u4g128;
typedef struct { float scale[TM_PANEL_ROWS]; tm_planes8 planes[1]; } tm_panel_s8g32;
typedef struct { float scale[TM_PANEL_ROWS]; tm_planes8 planes[4]; } tm_panel_s8g128;
typedef struct { float scale[TM_PANEL_ROWS]; uint8_t codes[128][TM_PANEL_ROWS]; } tm_panel_f8g128;

_Static_assert(sizeof(tm_panel_q8_0) == 16 * 34 && sizeof(tm_panel_q4_0) == 16 * 18, "as in ggml");
_Static_assert(sizeof(tm_panel_q4_1) == 16 * 20 && sizeof(tm_panel_q5_0) == 16 * 22, "as in ggml");
_Static_assert(sizeof(tm_panel_q5_1) == 16 * 24 && sizeof(tm_panel_mxfp4) == 16 * 17, "as in ggml");
_Static_assert(sizeof(tm_panel_q2_k) == 16 * 84 && sizeof(tm_panel_q6_k) == 16 * 210, "as in ggml");
_Static_assert(sizeof(tm_panel_q3_k) == 16 * (110 + 4), "scales of 8 bits, not 6");
_Static_assert(sizeof(tm_panel_q4_k) == 16 * (144 + 4), "scales and mins of 8 bits, not 6");
_Static_assert(sizeof(tm_panel_q5_k) == 16 * (176 + 4), "scales and mins of 8 bits, not 6");
_Static_assert(sizeof(tm_panel_iq4_xs) == 16 * (136 + 2), "scales of 8 bits, not 6");
_Static_assert(sizeof(tm_panel_u4g32) == 336 && sizeof(tm_panel_u4g128) == 1104, "no gaps");
_Static_assert(sizeof(tm_panel_s8g32) == 576 && sizeof(tm_panel_s8g128) == 2112, "no gaps");
_Static_assert(sizeof(tm_panel_f8g128) == 2112, "no gaps");

/* Activations of `tokens` tokens, k elements each. Float formats read `values`; quantised ones read
 * what quantize() made of them. */
typedef struct {
    const float *values;
    size_t value_stride; /* floats from one token to the next */
    const int8_t *quants; /* [tokens][k] */
    const float *scales;  /* [tokens][k / 32], the same throughout a group */
    const int16_t *sums;  /* [tokens][k / 16], sums of 16 quants */
    int32_t tokens;
    int32_t k;
} tm_activations;

/* y = W x, or y += W x. Writes rows [16 * panel_begin, 16 * panel_end) of every token; `y` has room
 * for whole panels.
 *
 * Order of float formats and f8g128: k ascending, one chain of multiply-adds per (row, token), with
 * the weight as tm_unpack_row gives it; AVX-512 and NEON have one chain per group of f8g128 and then
 * add its scale times its sum. Fused but in the portable level. AVX-512 BF16 rounds the x of bf16
 * matrices to bfloat16 (nearest even); each of its steps adds two products, which are exact, of k
 * and k + 1.
 *
 * Order of quantised formats: k ascending in steps of 32. With dot = sum of (q - bias or zero, or
 * the code book's value) * x quant and sum = sum of x quants, both exact integers over 32 k, or
 * over the first and the second 16 k in q2_k, q3_k and q6_k (dot0, dot1), each step does:
 *     part = fma(scale, (float)dot, part)     scale is d * sc, rounded; or scale0 and dot0
 *     part = fma(min, (float)sum, part)       q4_1, q5_1; in K formats min is -(dmin * m): q4_k,
 *                                             q5_k, and q2_k with min0, sum0
 *     part = fma(scale1, (float)dot1, part)   q2_k, q3_k, q6_k
 *     part = fma(min1, (float)sum1, part)     q2_k
 * Of TM_X_GROUP k that share a scale of x the first fma is a product, and after the last step
 *     sum = fma(x scale, part, sum)
 * No other rounding happens, so all levels agree bit for bit. y becomes sum, or y + sum. */
typedef void tm_matmul_fn(
    const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,
    float *y, size_t y_stride, int32_t add);

/* How the cache holds keys and values. A block is 32 tokens of one key/value head; w is the value
 * width rounded up to 16, h the head width rounded up to 4.
 *     floats: keys [head width][32 tokens], values [32 tokens][w]
 *     int8:   scales of keys [32], of values [32], both float; keys [h / 4][32 tokens][4], each
 *             int8 plus 128; values [32 / 4][w][4 tokens], int8
 * In int8 a key or a value is its token's scale times the quants, scale = max|x| / 127, after a
 * Walsh-Hadamard transform over the largest power of two that divides its width: attend transforms
 * queries too, and the result back, so that in exact arithmetic it changes nothing. */
typedef enum { TM_KV_F32, TM_KV_BF16, TM_KV_INT8 } tm_kv_format;

/* Bytes of one block, a multiple of 64. */
size_t tm_kv_block_bytes(tm_kv_format format, int32_t head_width, int32_t value_width);

/* Positions whose weights are summed on their own before sums are joined. */
#define TM_ATTENTION_CHUNK 512
/* The widest head. */
#define TM_ATTENTION_WIDTH 4096
/* The most rows (query heads of query tokens) of one call, and times width. */
#define TM_ATTENTION_ROWS 32
#define TM_ATTENTION_FLOATS 8192
int32_t tm_attention_rows(int32_t head_width, int32_t value_width);

/* Queries of consecutive tokens of one sequence, against its cache in one layer and one key/value
 * head. Block i of the sequence is number blocks[i]. */
typedef struct {
    const void *cache; /* the head's part of block number 0 */
    const int32_t *blocks;
    size_t block_stride; /* bytes from one block number to the next */
    tm_kv_format format;
    int32_t head_width;  /* of queries and keys */
    int32_t value_width; /* of values and outputs */
    const float *q;      /* [queries][heads][head_width] */
    size_t q_stride;     /* floats from one query to the next */
    float *out;          /* [queries][heads][value_width] */
    size_t out_stride;
    int32_t queries;
    int32_t heads;       /* query heads; queries * heads is at most tm_attention_rows() */
    int32_t tokens;      /* positions until the first query's own, included; each next has one more */
    int32_t window;      /* how many of those are seen; 0 sees all */
    float scale;         /* on q . k */
    float softcap;       /* scores become softcap * tanh(score / softcap); 0 leaves them */
    const float *sinks;  /* per query head, a score that takes weight and gives no value, or NULL */
} tm_attention;

/* Floats of what one row has gathered in one chunk. */
#define TM_ATTENTION_PART(value_width) (2 + (value_width))

/* What a level has for attention: softmax(q . K) V. A row's result depends on its query and the
 * positions it sees alone. Blocks ascend with a running maximum (Milakov and Gimelshein 2018; Dao
 * et al. 2022) inside each chunk of 512 positions, and chunks are joined in ascending order; every
 * rounding in there is fixed, so that all levels agree bit for bit. What a row does not see has no
 * effect, even where it is NaN. */
typedef struct {
    /* Rotates pairs (x[i], x[i + width / 2]) by angle i (Su et al. 2021, "rotate half"). */
    void (*rope)(float *x, const float *cosines, const float *sines, int32_t width);

    /* Writes one token's key and value of one head into slot `slot` of its block. */
    void (*store)(
        tm_kv_format format, const float *key, const float *value, int32_t head_width,
        int32_t value_width, int32_t slot, void *block);

    /* All of it. */
    void (*attend)(const tm_attention *call);

    /* Chunk number `chunk` alone: TM_ATTENTION_PART floats for each row, in order. */
    void (*attend_chunk)(const tm_attention *call, int32_t chunk, float *part);

    /* Joins the parts of all chunks from the first query's first on: the same as attend. */
    void (*join_chunks)(const tm_attention *call, const float *parts);
} tm_attention_kernels;

typedef struct {
    const char *name;
    tm_matmul_fn *matmul[TM_FORMATS];

    /* Symmetric int8 per TM_X_GROUP: scale = max|x| / 127, quant = round-to-even(x / scale). */
    void (*quantize)(
        const float *x, int32_t k, int8_t *quants, float *scales, int16_t *sums);

    /* out = x / sqrt(mean(x^2) + epsilon) * weight (Zhang and Sennrich 2019). */
    void (*rms_norm)(const float *x, const float *weight, int32_t n, float epsilon, float *out);

    /* gate = silu(gate) * up. */
    void (*swiglu)(float *gate, const float *up, int32_t n);

    /* x += y */
    void (*add)(float *x, const float *y, int32_t n);

    const tm_attention_kernels *attention;
} tm_kernels;

typedef enum {
    TM_LEVEL_PORTABLE,
    TM_LEVEL_AVX2,
    TM_LEVEL_AVX_VNNI,
    TM_LEVEL_AVX512,
    TM_LEVEL_AVX512_BF16,
    TM_LEVEL_NEON_DOTPROD,
    TM_LEVEL_NEON_I8MM,
    TM_LEVELS
} tm_level;

/* The table of a level, or NULL when this processor or operating system lacks it. */
const tm_kernels *tm_kernels_at(tm_level level);

/* The level's kernel for a format. */
static inline tm_matmul_fn *tm_matmul_of(const tm_kernels *kernels, tm_format format) {
    return kernels->matmul[format];
}

/* Row lengths are a multiple of this: 1, 32, 128 or 256. */
int32_t tm_block_width(tm_format format);
/* Bytes of so many weights of one row as a model file has them: ggml's block, a float, or one code
 * per weight. */
size_t tm_block_bytes(tm_format format);
/* Bytes of one panel of k columns. */
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
 * rounding as ggml's reference quantisers do for q8_0 and q4_0. Other formats than these two, f32,
 * f16 and bf16 cannot be made from floats here: the panel stays zero. */
void tm_pack_panel(
    tm_format format, const float *rows, size_t stride, int32_t row_count, int32_t k, void *panel);

/* The same from rows of ggml's blocks (or floats) of just this format: row r starts at rows + r *
 * stride bytes, at any alignment. For all formats but the u4, s8 and f8 ones. */
void tm_pack_blocks(
    tm_format format, const void *rows, size_t stride, int32_t row_count, int32_t k, void *panel);

/* The same for the u4, s8 and f8 formats: row r has its k codes, one per byte (0 to 15, the bits of
 * an int8, or E4M3), at codes + r * code_stride, and one scale and zero per group of 32 or 128 at
 * scales and zeros + r * group_stride. Only u4 formats read `zeros`; it may be NULL for others. */
void tm_pack_codes(
    tm_format format, const uint8_t *codes, size_t code_stride, const float *scales,
    const uint8_t *zeros, size_t group_stride, int32_t row_count, int32_t k, void *panel);

/* Row `row` (0 to 15) of a panel as k floats: for ggml's formats, ggml's values bit for bit. */
void tm_unpack_row(tm_format format, const void *panel, int32_t row, int32_t k, float *out);

/* What the machine can do, measured: loops for `tokenmill bench` and `doctor`. */

/* Reads `bytes` (a multiple of 64) and returns a value that depends on all of them. */
uint64_t tm_probe_read(const void *memory, size_t bytes);
/* Multiply-adds of the level's best int8 instruction on registers; returns how many operations
 * (2 per multiply-add) `rounds` made. */
double tm_probe_int8(tm_level level, int64_t rounds, int32_t *sink);
/* The same for float fused multiply-add. */
double tm_probe_f32(tm_level level, int64_t rounds, float *sink);
/* The same for bfloat16 products, or float ones where the level has no others. */
double tm_probe_bf16(tm_level level, int64_t rounds, float *sink);

#endif
