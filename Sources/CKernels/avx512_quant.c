/* AVX-512 VNNI for quantised matrices: a 512-bit register holds 4 k of bytes of a whole panel, and
 * vpdpbusd multiplies unsigned weights with signed activations. */

#if defined(__x86_64__)

#include "avx512.h"

#pragma clang attribute push(__attribute__((target(TM_AVX512_TARGET))), apply_to = function)

/* A tile is up to so many panels times so many tokens: parts and dot products take 12 registers
 * each of the 32 there are. Few tokens take two panels at a time. */
#define PANELS 3
#define TILE 4
/* Steps of 32 k of few tokens whose sums of x are prepared together. */
#define SLAB 64
/* Many tokens have the weights widened first: so many steps, which stay in the first cache, for so
 * many tokens, whose activations stay in the second. */
#define WIDE_SLAB 16
#define WIDE_TOKENS 256
/* The bias of widened weights that had zeros. */
#define WIDE_ZERO_BIAS 128

/* From how many tokens widening pays, measured on Zen 4: it depends on what unpacking costs. */
INLINE int32_t wide_least(tm_layout layout) {
    if (layout.bits == 8) return 96;
    if (layout.bits != 4 || layout.book != TM_NO_BOOK) return 12;
    return layout.width == 256 ? 20 : 32;
}

/* Asks for the lines that begin in `bytes` at `at` to be in the second cache soon. */
INLINE void prefetch(const uint8_t *at, size_t bytes) {
    const uint8_t *end = at + bytes;
    at += -(uintptr_t)at % 64;
    for (; at < end; at += 64) _mm_prefetch((const char *)at, _MM_HINT_T1);
}

/* Asks for a row's part of some panels, which will be written soon: else stores that wait for it
 * hold up those of the next tiles. */
INLINE void prefetch_row(const float *at, int panels) {
    for (int p = 0; p < panels; p++)
        _mm_prefetch((const char *)(at + p * TM_PANEL_ROWS), _MM_HINT_T0);
}

/* ---- the integers ---- */

INLINE __m512i load16x4(const uint8_t *at) { return _mm512_loadu_si512(at); }

/* Bits moved towards the top by `left` places, then masked within each byte. */
INLINE __m512i masked(__m512i v, int left, int mask) {
    __m512i moved = left >= 0 ? _mm512_slli_epi16(v, (unsigned)left)
                              : _mm512_srli_epi16(v, (unsigned)-left);
    return _mm512_and_si512(moved, _mm512_set1_epi8((char)mask));
}

/* 32 k of a panel. Kept in registers where few other things are: as operands of each instruction
 * planes would be loaded up to four times, and loads are then what one token waits for. */
typedef struct {
    const uint8_t *at;
    __m512i kept[6];
    int is_kept;
} tm_planes;

INLINE tm_planes planes_of(int bits, const uint8_t *at, int keep) {
    tm_planes planes = {.at = at, .is_kept = keep && bits > 4 && bits < 8};
    if (planes.is_kept)
        _Pragma("unroll") for (int i = 0; i < bits; i++) {
            planes.kept[i] = load16x4(at + 64 * i);
            __asm__ volatile("" : "+v"(planes.kept[i]));
        }
    return planes;
}

INLINE __m512i plane(const tm_planes *planes, int i) {
    return planes->is_kept ? planes->kept[i] : load16x4(planes->at + 64 * i);
}

/* The integers of elements 4 j to 4 j + 3 of all rows. */
INLINE __m512i codes_at(int bits, const tm_planes *planes, int j) {
    if (bits == 8) return plane(planes, j);
    if (bits <= 3) {
        __m512i low = masked(plane(planes, j / 4), -2 * (j % 4), 3);
        if (bits == 2) return low;
        return _mm512_or_si512(low, masked(plane(planes, 2), 2 - j, 4));
    }
    __m512i low = masked(plane(planes, j / 2), -4 * (j % 2), 15);
    if (bits == 5) return _mm512_or_si512(low, masked(plane(planes, 4), 4 - j, 16));
    if (bits == 6)
        return _mm512_or_si512(low, masked(plane(planes, 4 + j / 4), 4 - 2 * (j % 4), 48));
    return low;
}

/* The same as weights, unsigned: too large by the bias. */
INLINE __m512i weights_at(tm_layout layout, const tm_planes *planes, int j) {
    __m512i codes = codes_at(layout.bits, planes, j);
    if (layout.book == TM_NO_BOOK) return codes;
    __m128i book = layout.book == TM_IQ4_BOOK ? _mm_setr_epi8(TM_IQ4_VALUES)
                                              : _mm_setr_epi8(TM_MXFP4_VALUES);
    book = _mm_add_epi8(book, _mm_set1_epi8((char)layout.bias));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(book), codes);
}

INLINE __m512i bytes_at(const void *base) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)base));
}

/* The zeros of each row. */
INLINE __m512i zeros_at(const uint8_t *block) {
    return bytes_at(block + TM_PANEL_ROWS * sizeof(float));
}

/* Where 32 k number `sub` of a block has its planes. */
INLINE const uint8_t *planes_at(tm_layout layout, const uint8_t *block, int sub) {
    return block + layout.header + (size_t)sub * 64 * (size_t)layout.bits;
}

INLINE __m512i broadcast4(const void *x) {
    int32_t four;
    memcpy(&four, x, 4);
    return _mm512_set1_epi32(four);
}

/* ---- the scales ---- */

INLINE __m512 halves_at(const void *base) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)base));
}

INLINE __m512 signed_bytes_at(const void *base) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)base)));
}

/* 2^(e - 128), as tm_e8m0_half. */
INLINE __m512 powers_at(const uint8_t *exponents) {
    __m512i e = bytes_at(exponents);
    __m512i small = _mm512_sllv_epi32(_mm512_set1_epi32(0x00200000), e);
    __m512i normal = _mm512_slli_epi32(_mm512_sub_epi32(e, _mm512_set1_epi32(1)), 23);
    __mmask16 is_small = _mm512_cmplt_epi32_mask(e, _mm512_set1_epi32(2));
    return _mm512_castsi512_ps(_mm512_mask_mov_epi32(normal, is_small, small));
}

/* What all scales and mins of a superblock are multiplied with, dmin negated. */
typedef struct { __m512 d, dmin; } tm_head;

INLINE tm_head head_at(tm_format format, const uint8_t *block) {
    tm_head head = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    switch (format) {
    case TM_Q2_K:
    case TM_Q4_K:
    case TM_Q5_K: /* the headers begin alike */
        head.dmin = _mm512_xor_ps(
            halves_at(((const tm_panel_q4_k *)block)->dmin), _mm512_set1_ps(-0.0f));
        head.d = halves_at(block);
        return head;
    case TM_Q3_K:
    case TM_Q6_K:
    case TM_IQ4_XS: head.d = halves_at(block); return head;
    default: return head;
    }
}

/* Scales for segment `segment` of 32 k number `sub` of a block. */
INLINE __m512 scales_at(
    tm_format format, const uint8_t *block, tm_head head, int sub, int segment) {
    int s = 2 * sub + segment;
    switch (format) {
    case TM_MXFP4: return powers_at(block);
    case TM_Q2_K: {
        __m512i both = bytes_at(((const tm_panel_q2_k *)block)->scales[s]);
        __m512i scale = _mm512_and_si512(both, _mm512_set1_epi32(15));
        return _mm512_mul_ps(head.d, _mm512_cvtepi32_ps(scale));
    }
    case TM_Q3_K:
    case TM_Q6_K: /* the headers are the same */
        return _mm512_mul_ps(
            head.d, signed_bytes_at(((const tm_panel_q6_k *)block)->scales[s]));
    case TM_Q4_K:
    case TM_Q5_K: {
        __m512i scale = bytes_at(((const tm_panel_q4_k *)block)->scales[sub]);
        return _mm512_mul_ps(head.d, _mm512_cvtepi32_ps(scale));
    }
    case TM_IQ4_XS:
        return _mm512_mul_ps(
            head.d, signed_bytes_at(((const tm_panel_iq4_xs *)block)->scales[sub]));
    case TM_U4G32:
    case TM_U4G128:
    case TM_S8G32:
    case TM_S8G128: return _mm512_loadu_ps(block);
    default: return halves_at(block);
    }
}

/* What is added per unit of x: the min, or minus dmin * m. */
INLINE __m512 mins_at(
    tm_format format, const uint8_t *block, tm_head head, int sub, int segment) {
    switch (format) {
    case TM_Q2_K: {
        const tm_panel_q2_k *panel = (const tm_panel_q2_k *)block;
        __m512i m = _mm512_srli_epi32(bytes_at(panel->scales[2 * sub + segment]), 4);
        return _mm512_mul_ps(head.dmin, _mm512_cvtepi32_ps(m));
    }
    case TM_Q4_K:
    case TM_Q5_K: {
        const tm_panel_q4_k *panel = (const tm_panel_q4_k *)block;
        __m512i m = bytes_at(panel->mins[sub]);
        return _mm512_mul_ps(head.dmin, _mm512_cvtepi32_ps(m));
    }
    default: return halves_at(((const tm_panel_q4_1 *)block)->min);
    }
}

/* ---- sums of x ---- */

/* What biases and mins need of each token and segment of so many steps of 32 k: minus bias times
 * the sum of its quants, and that sum. */
typedef struct {
    int32_t *init;
    float *sums;
    size_t stride; /* from one token to the next */
} tm_x_sums;

/* `in` is where the tokens have their first step's sums; `blocks` steps lie between two tokens. */
INLINE void sum_x(
    tm_layout layout, int bias, const int16_t *in, size_t blocks, int steps, int tokens,
    tm_x_sums out) {
    int count = layout.segments * steps;
    for (int i = 0; i < count; i += 16) {
        __mmask16 mask = (__mmask16)(count - i < 16 ? (1 << (count - i)) - 1 : 0xFFFF);
        for (int t = 0; t < tokens; t++) {
            const int16_t *from = in + 2 * blocks * (size_t)t;
            size_t to = out.stride * (size_t)t + (size_t)i;
            __m512i sum = layout.segments == 1
                              ? _mm512_madd_epi16(
                                    _mm512_maskz_loadu_epi32(mask, from + 2 * i),
                                    _mm512_set1_epi16((short)(layout.mins ? 1 : -bias)))
                              : _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(mask, from + i));
            if (layout.mins) {
                _mm512_storeu_ps(out.sums + to, _mm512_cvtepi32_ps(sum));
                continue;
            }
            if (layout.segments == 2) sum = _mm512_mullo_epi32(sum, _mm512_set1_epi32(-bias));
            _mm512_storeu_si512(out.init + to, sum);
        }
    }
}

INLINE void store_sums(const float *sums, int panels, float *y, int32_t add) {
    for (int p = 0; p < panels; p++)
        tm_store16(y + p * TM_PANEL_ROWS, _mm512_loadu_ps(sums + p * TM_PANEL_ROWS), add);
}

/* ---- the tile ---- */

/* 32 k of a panel of any format in one form: what tiles of many tokens read, made once for all of
 * them. `bytes` are too large by the bias. */
typedef struct {
    _Alignas(64) float scale[2][TM_PANEL_ROWS];
    float min[2][TM_PANEL_ROWS];
    uint8_t bytes[8][TM_PANEL_ROWS][4];
} tm_wide;

/* Where a tile has its tokens; quants of step 0. */
typedef struct {
    const int8_t *quants;
    const float *scales;
    size_t blocks; /* steps from one token to the next */
    tm_x_sums sums;
} tm_tile_x;

/* Where `panels` panels have one step of 32 k. */
typedef struct {
    const uint8_t *block; /* a panel's, or a tm_wide */
    size_t stride;        /* to the next panel's */
    int sub;              /* which 32 k of the block */
} tm_tile_w;

INLINE const uint8_t *own_block(tm_tile_w w, int panel) {
    return w.block + (size_t)panel * w.stride;
}

/* vpdpbusd in the order it is written: the compiler's own order leaves one chain of sums to the
 * end, or folds the broadcast into each instruction, which then loads it once a panel. */
INLINE void add_dot(__m512i *dot, __m512i weights, __m512i value) {
    __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(*dot) : "v"(weights), "v"(value));
}

/* One step of 32 k: parts take it as tm_matmul_fn says; `first` in its group or not. */
INLINE void add_step(
    tm_format format, int is_wide, tm_layout layout, tm_tile_w w, const tm_head *heads,
    int panels, tm_tile_x x, int step, int tokens, int first, __m512 (*parts)[PANELS]) {
    int count = 8 / layout.segments;
    tm_planes planes[PANELS];
    if (!is_wide)
        _Pragma("unroll") for (int p = 0; p < panels; p++) planes[p] = planes_of(
            layout.bits, planes_at(layout, own_block(w, p), w.sub), tokens == 1);
    _Pragma("unroll") for (int s = 0; s < layout.segments; s++) {
        __m512i dots[TILE][PANELS];
        int at = layout.segments * step + s;
        _Pragma("unroll") for (int p = 0; p < panels; p++) {
            const uint8_t *own = own_block(w, p);
            __m512i zeros = layout.zeros && !is_wide ? zeros_at(own) : _mm512_setzero_si512();
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                const int32_t *init = x.sums.init + (size_t)t * x.sums.stride + at;
                dots[t][p] = layout.mins ? zeros : _mm512_set1_epi32(*init);
                if (layout.zeros && !is_wide) dots[t][p] = _mm512_madd_epi16(dots[t][p], zeros);
            }
        }
        _Pragma("unroll") for (int j = s * count; j < (s + 1) * count; j++) {
            __m512i weights[PANELS];
            _Pragma("unroll") for (int p = 0; p < panels; p++) {
                const uint8_t *own = own_block(w, p);
                weights[p] = is_wide ? load16x4((const uint8_t *)((const tm_wide *)own)->bytes[j])
                                     : weights_at(layout, &planes[p], j);
            }
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m512i value = broadcast4(
                    x.quants + ((size_t)t * x.blocks + (size_t)step) * TM_BLOCK + 4 * j);
                _Pragma("unroll") for (int p = 0; p < panels; p++)
                    add_dot(&dots[t][p], weights[p], value);
            }
        }
        _Pragma("unroll") for (int p = 0; p < panels; p++) {
            const uint8_t *own = own_block(w, p);
            __m512 scale = is_wide ? _mm512_loadu_ps(((const tm_wide *)own)->scale[s])
                                   : scales_at(format, own, heads[p], w.sub, s);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                __m512 dot = _mm512_cvtepi32_ps(dots[t][p]);
                parts[t][p] = first && s == 0 ? _mm512_mul_ps(scale, dot)
                                              : _mm512_fmadd_ps(scale, dot, parts[t][p]);
            }
            if (!layout.mins) continue;
            __m512 min = is_wide ? _mm512_loadu_ps(((const tm_wide *)own)->min[s])
                                 : mins_at(format, own, heads[p], w.sub, s);
            _Pragma("unroll") for (int t = 0; t < tokens; t++) {
                const float *sum = x.sums.sums + (size_t)t * x.sums.stride + at;
                parts[t][p] = _mm512_fmadd_ps(min, _mm512_set1_ps(*sum), parts[t][p]);
            }
        }
    }
}

/* Weights that come later, to be asked for little by little: so many bytes of each panel with each
 * step. All at once would fill the processor's list of what it waits for, and memory would rest
 * while products are made. */
typedef struct {
    const uint8_t *at;
    size_t bytes;
    size_t stride; /* to the next panel */
    int panels;
} tm_ahead;

/* sums += `steps` steps of `panels` panels, the first of which begins a group of x. */
INLINE void add_steps(
    tm_format format, int is_wide, tm_layout layout, const uint8_t *weights, size_t stride,
    int panels, tm_tile_x x, int steps, int tokens, tm_ahead ahead, float *sums,
    size_t sums_stride) {
    int subs = is_wide ? 1 : layout.width / TM_BLOCK;
    size_t bytes = is_wide ? sizeof(tm_wide) : (size_t)layout.bytes;
    for (int step = 0; step < steps; step += TM_X_GROUP / TM_BLOCK) {
        __m512 parts[TILE][PANELS];
        tm_head heads[PANELS];
        const uint8_t *block = weights + (size_t)(step / subs) * bytes;
        if (!is_wide)
            for (int p = 0; p < panels; p++) heads[p] = head_at(format, block + (size_t)p * stride);
        _Pragma("unroll") for (int i = 0; i < TM_X_GROUP / TM_BLOCK; i++) {
            int at = step + i;
            if (i > 0 && at >= steps) break;
            tm_tile_w w = {weights + (size_t)(at / subs) * bytes, stride, at % subs};
            _Pragma("unroll") for (int p = 0; p < ahead.panels; p++) prefetch(
                ahead.at + (size_t)p * ahead.stride + (size_t)at * ahead.bytes, ahead.bytes);
            add_step(format, is_wide, layout, w, heads, panels, x, at, tokens, i == 0, parts);
        }
        _Pragma("unroll") for (int t = 0; t < tokens; t++) {
            __m512 scale = _mm512_set1_ps(x.scales[(size_t)t * x.blocks + (size_t)step]);
            _Pragma("unroll") for (int p = 0; p < panels; p++) {
                float *sum = sums + (size_t)t * sums_stride + p * TM_PANEL_ROWS;
                _mm512_storeu_ps(sum, _mm512_fmadd_ps(scale, parts[t][p], _mm512_loadu_ps(sum)));
            }
        }
    }
}

/* ---- few tokens: weights as they are ---- */

INLINE tm_tile_x tile_x(const tm_activations *x, int32_t token, int32_t step, tm_x_sums sums) {
    size_t blocks = (size_t)(x->k / TM_BLOCK), at = (size_t)token * blocks + (size_t)step;
    return (tm_tile_x){x->quants + at * TM_BLOCK, x->scales + at, blocks, sums};
}

INLINE void narrow_tile(
    tm_format format, const uint8_t *panel, size_t panel_bytes, int panels,
    const tm_activations *x, int32_t first, int tokens, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    int32_t blocks = x->k / TM_BLOCK;
    /* The panels after these, this tile's share of them: asked for evenly, they arrive while
     * products are made. One token has nothing to hide them behind, and memory likes its stream. */
    size_t all = x->tokens > 1 ? (size_t)panels * panel_bytes : 0;
    size_t share = all * (size_t)tokens / (size_t)x->tokens / (size_t)blocks;
    const uint8_t *next = panel + (size_t)panels * panel_bytes
                          + all * (size_t)first / (size_t)x->tokens;
    _Alignas(64) float x_sums[TILE][2 * SLAB];
    _Alignas(64) int32_t init[TILE][2 * SLAB];
    _Alignas(64) float sums[TILE][2 * TM_PANEL_ROWS];
    memset(sums, 0, (size_t)tokens * sizeof sums[0]);
    for (int32_t step = 0; step < blocks; step += SLAB) {
        int steps = blocks - step < SLAB ? blocks - step : SLAB;
        tm_tile_x own = tile_x(x, first, step, (tm_x_sums){init[0], x_sums[0], 2 * SLAB});
        const int16_t *in = x->sums + 2 * ((size_t)first * own.blocks + (size_t)step);
        sum_x(layout, layout.zeros ? 1 : layout.bias, in, own.blocks, steps, tokens, own.sums);
        const uint8_t *at =
            panel + (size_t)(step * TM_BLOCK / layout.width) * (size_t)layout.bytes;
        add_steps(
            format, 0, layout, at, panel_bytes, panels, own, steps, tokens,
            (tm_ahead){next + (size_t)step * share, share, 0, 1}, sums[0], 2 * TM_PANEL_ROWS);
    }
    for (int t = 0; t < tokens; t++)
        store_sums(sums[t], panels, y + (size_t)(first + t) * y_stride, add);
}

#define TILES(panels, count)                                                                    \
    for (; t + count <= x->tokens; t += count)                                                  \
        narrow_tile(format, panel, bytes, panels, x, t, count, out, y_stride, add);

INLINE void matmul_narrow(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    size_t bytes = tm_panel_bytes(format, x->k);
    for (int32_t p = panel_begin, pair; p < panel_end; p += pair) {
        /* One token reads its weights as one stream, not two: memory likes that best. */
        pair = x->tokens > 1 && p + 1 < panel_end ? 2 : 1;
        const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
        float *out = y + (size_t)p * TM_PANEL_ROWS;
        int32_t t = 0;
        if (pair == 2) {
            TILES(2, 4)
            TILES(2, 3)
            TILES(2, 2)
            TILES(2, 1)
        }
        TILES(1, 2)
        TILES(1, 1)
    }
}

/* ---- many tokens: weights widened once ---- */

/* A slab of some panels, and what is known of the tokens. */
typedef struct {
    tm_wide steps[PANELS][WIDE_SLAB];
    _Alignas(64) int32_t init[WIDE_TOKENS][2 * WIDE_SLAB]; /* as tm_x_sums */
    _Alignas(64) float x_sums[WIDE_TOKENS][2 * WIDE_SLAB];
    _Alignas(64) float sums[WIDE_TOKENS][PANELS * TM_PANEL_ROWS]; /* of the slabs before */
} tm_wide_work;

INLINE void widen(tm_format format, const uint8_t *block, int sub, tm_wide *out) {
    tm_layout layout = tm_layout_of(format);
    tm_head head = head_at(format, block);
    for (int s = 0; s < layout.segments; s++) {
        _mm512_storeu_ps(out->scale[s], scales_at(format, block, head, sub, s));
        if (layout.mins) _mm512_storeu_ps(out->min[s], mins_at(format, block, head, sub, s));
    }
    __m512i shift = _mm512_setzero_si512();
    if (layout.zeros) {
        /* The same zero in all four bytes of a row. */
        shift = _mm512_sub_epi8(
            _mm512_set1_epi8((char)WIDE_ZERO_BIAS),
            _mm512_mullo_epi32(zeros_at(block), _mm512_set1_epi32(0x01010101)));
    }
    tm_planes planes = planes_of(layout.bits, planes_at(layout, block, sub), 1);
    _Pragma("unroll") for (int j = 0; j < 8; j++) {
        __m512i weights = weights_at(layout, &planes, j);
        if (layout.zeros) weights = _mm512_add_epi8(weights, shift);
        _mm512_storeu_si512(out->bytes[j], weights);
    }
}

typedef struct {
    int32_t first, count; /* tokens */
    int32_t step, steps;
    int bias;
    int is_last; /* slab: sums go to y, not to work */
    /* The slab that comes after this one: where its first panel begins, and how many bytes of each
     * panel fall to a token. */
    const uint8_t *next;
    size_t next_share, panel_bytes;
} tm_wide_range;

/* Widens the range's steps of a panel. */
INLINE void widen_slab(
    tm_format format, const uint8_t *panel, const tm_wide_range *range, tm_wide *out) {
    tm_layout layout = tm_layout_of(format);
    int32_t subs = layout.width / TM_BLOCK;
    size_t sub_bytes = (size_t)(layout.bytes / subs), start = (size_t)range->step * sub_bytes;
    for (int32_t s = 0; s < range->steps; s++) {
        const uint8_t *block = panel + start + (size_t)(s / subs) * (size_t)layout.bytes;
        widen(format, block, s % subs, &out[s]);
    }
}

/* The part of the next slab that falls to tokens `t` and up. */
INLINE tm_ahead next_of(const tm_wide_range *range, int panels, int32_t t, int tokens) {
    size_t bytes = range->next_share * (size_t)tokens / (size_t)range->steps + 1;
    const uint8_t *at = range->next + range->next_share * (size_t)t;
    return (tm_ahead){at, bytes, range->panel_bytes, panels};
}

INLINE void wide_tile(
    tm_layout layout, int panels, int tokens, tm_wide_work *work, const tm_activations *x,
    const tm_wide_range *range, int32_t t, float *y, size_t y_stride, int32_t add) {
    int32_t first = range->first + t;
    tm_x_sums x_sums = {work->init[t], work->x_sums[t], 2 * WIDE_SLAB};
    tm_tile_x own = tile_x(x, first, range->step, x_sums);
    float *sums = work->sums[t];
    if (range->step == 0) memset(sums, 0, (size_t)tokens * sizeof work->sums[0]);
    if (range->is_last)
        for (int i = 0; i < tokens; i++)
            prefetch_row(y + (size_t)(first + i) * y_stride, panels);
    add_steps(
        TM_FORMATS, 1, layout, (const uint8_t *)work->steps[0], sizeof work->steps[0], panels, own,
        range->steps, tokens, next_of(range, panels, t, tokens), sums, PANELS * TM_PANEL_ROWS);
    if (!range->is_last) return;
    for (int i = 0; i < tokens; i++)
        store_sums(work->sums[t + i], panels, y + (size_t)(first + i) * y_stride, add);
}

#define WIDE_TILES(panels, tokens)                                                              \
    for (; t + tokens <= range->count; t += tokens)                                             \
        wide_tile(layout, panels, tokens, work, x, range, t, y, y_stride, add);

/* The widened slab times all tokens of the range. One for each kind of scales, not of formats. */
#define WIDE_TOKENS_OF(name, ...)                                                               \
    static __attribute__((noinline)) void wide_##name(                                          \
        int panels, tm_wide_work *work, const tm_activations *x, const tm_wide_range *range,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        const tm_layout layout = {__VA_ARGS__};                                                 \
        size_t blocks = (size_t)(x->k / TM_BLOCK);                                              \
        int32_t t = 0;                                                                          \
        sum_x(                                                                                  \
            layout, range->bias,                                                                \
            x->sums + 2 * ((size_t)range->first * blocks + (size_t)range->step), blocks,        \
            range->steps, range->count,                                                         \
            (tm_x_sums){work->init[0], work->x_sums[0], 2 * WIDE_SLAB});                        \
        if (panels == 3) {                                                                      \
            WIDE_TILES(3, 4)                                                                    \
            WIDE_TILES(3, 1)                                                                    \
        }                                                                                       \
        if (panels == 2) {                                                                      \
            WIDE_TILES(2, 4)                                                                    \
            WIDE_TILES(2, 2)                                                                    \
            WIDE_TILES(2, 1)                                                                    \
        }                                                                                       \
        WIDE_TILES(1, 4)                                                                        \
        WIDE_TILES(1, 1)                                                                        \
    }
WIDE_TOKENS_OF(plain, .segments = 1)
WIDE_TOKENS_OF(mins, .segments = 1, .mins = 1)
WIDE_TOKENS_OF(halves, .segments = 2)
WIDE_TOKENS_OF(halves_mins, .segments = 2, .mins = 1)

INLINE void matmul_wide(
    tm_format format, const void *panels, const tm_activations *x, int32_t panel_begin,
    int32_t panel_end, float *y, size_t y_stride, int32_t add) {
    tm_layout layout = tm_layout_of(format);
    size_t bytes = tm_panel_bytes(format, x->k);
    int32_t blocks = x->k / TM_BLOCK;
    tm_wide_work work;
    size_t step_bytes = (size_t)(layout.bytes / (layout.width / TM_BLOCK));
    tm_wide_range range = {
        .bias = layout.zeros ? WIDE_ZERO_BIAS : layout.bias,
        .panel_bytes = bytes,
    };
    for (; range.first < x->tokens; range.first += WIDE_TOKENS) {
        range.count = x->tokens - range.first < WIDE_TOKENS ? x->tokens - range.first : WIDE_TOKENS;
        range.next_share = WIDE_SLAB * step_bytes / (size_t)range.count + 1;
        for (int32_t p = panel_begin, pair; p < panel_end; p += pair) {
            pair = panel_end - p < PANELS ? panel_end - p : PANELS;
            float *out = y + (size_t)p * TM_PANEL_ROWS;
            for (range.step = 0; range.step < blocks; range.step += WIDE_SLAB) {
                int32_t left = blocks - range.step;
                range.steps = left < WIDE_SLAB ? left : WIDE_SLAB;
                range.is_last = left <= WIDE_SLAB;
                const uint8_t *panel = (const uint8_t *)panels + (size_t)p * bytes;
                range.next = range.is_last
                                 ? panel + (size_t)pair * bytes
                                 : panel + (size_t)(range.step + WIDE_SLAB) * step_bytes;
                for (int32_t i = 0; i < pair; i++)
                    widen_slab(format, panel + (size_t)i * bytes, &range, work.steps[i]);
                if (layout.segments == 2 && layout.mins)
                    wide_halves_mins(pair, &work, x, &range, out, y_stride, add);
                else if (layout.segments == 2)
                    wide_halves(pair, &work, x, &range, out, y_stride, add);
                else if (layout.mins)
                    wide_mins(pair, &work, x, &range, out, y_stride, add);
                else
                    wide_plain(pair, &work, x, &range, out, y_stride, add);
            }
        }
    }
}

#define MATMUL_QUANT(name, NAME)                                                                \
    void tm_avx512_##name(                                                                      \
        const void *panels, const tm_activations *x, int32_t panel_begin, int32_t panel_end,    \
        float *y, size_t y_stride, int32_t add) {                                               \
        if (x->tokens >= wide_least(tm_layout_of(TM_##NAME)))                                   \
            matmul_wide(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);        \
        else                                                                                    \
            matmul_narrow(TM_##NAME, panels, x, panel_begin, panel_end, y, y_stride, add);      \
    }
TM_QUANT_FORMATS(MATMUL_QUANT)

#pragma clang attribute pop

#else
typedef int tm_no_avx512_quant_here;
#endif
