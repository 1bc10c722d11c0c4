/* Attention and the rotation of queries and keys: bit for bit. */

#include "test.h"

enum { BLOCKS = 20, MOST_TOKENS = BLOCKS * TM_KV_BLOCK, MOST_WIDTH = 136, MOST_BYTES = 1 << 22 };
enum { CHUNKS = MOST_TOKENS / TM_ATTENTION_CHUNK + 1 };

typedef struct {
    uint8_t bytes[MOST_BYTES] __attribute__((aligned(64)));
} cache;
static cache caches[2];

static int32_t order[BLOCKS];
static float queries[TM_ATTENTION_FLOATS];

static void randomize(float *values, int count) {
    for (int i = 0; i < count; i++) values[i] = 3 * random_float();
}

/* Fills a level's cache with so many tokens, the same for every level. */
static void store(const tm_kernels *kernels, const tm_attention *call, int tokens, cache *out) {
    uint64_t seed = (uint64_t)tokens;
    memset(out->bytes, 0, BLOCKS * call->block_stride);
    for (int t = 0; t < tokens; t++) {
        float key[MOST_WIDTH], value[MOST_WIDTH];
        for (int d = 0; d < MOST_WIDTH; d++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            key[d] = (float)((int64_t)seed >> 40) * 0x1p-22f;
            value[d] = (float)((int32_t)seed >> 8) * 0x1p-22f;
        }
        uint8_t *block = out->bytes + (size_t)order[t / TM_KV_BLOCK] * call->block_stride;
        kernels->attention->store(
            call->format, key, value, call->head_width, call->value_width, t % TM_KV_BLOCK, block);
    }
}

/* All at once, and by chunks; both must be the same. */
static void attend(const tm_kernels *kernels, tm_attention call, cache *from, float *out) {
    static float parts[CHUNKS * TM_ATTENTION_ROWS * TM_ATTENTION_PART(MOST_WIDTH)];
    static float joined[TM_ATTENTION_FLOATS];
    int rows = call.queries * call.heads, last = call.tokens + call.queries - 1;
    int lowest = call.window > 0 && call.tokens > call.window ? call.tokens - call.window : 0;
    call.cache = from->bytes;
    call.out = out;
    kernels->attention->attend(&call);
    float *part = parts;
    for (int c = lowest / TM_ATTENTION_CHUNK; c * TM_ATTENTION_CHUNK < last; c++) {
        kernels->attention->attend_chunk(&call, c, part);
        part += rows * TM_ATTENTION_PART(call.value_width);
    }
    call.out = joined;
    kernels->attention->join_chunks(&call, parts);
    if (memcmp(out, joined, (size_t)(rows * call.value_width) * sizeof *out) != 0)
        fail(kernels->name, "chunks differ", call.format, call.head_width, call.tokens);
}

static void check_call(const tm_kernels *const *levels, const tm_attention *call) {
    static float expected[TM_ATTENTION_FLOATS], got[TM_ATTENTION_FLOATS];
    int tokens = call->tokens + call->queries - 1;
    size_t size = (size_t)(call->queries * call->heads * call->value_width) * sizeof *got;
    store(levels[0], call, tokens, &caches[0]);
    attend(levels[0], *call, &caches[0], expected);
    for (int i = 1; levels[i]; i++) {
        store(levels[i], call, tokens, &caches[1]);
        if (memcmp(caches[0].bytes, caches[1].bytes, BLOCKS * call->block_stride) != 0)
            fail(levels[i]->name, "store", call->format, call->head_width, tokens);
        attend(levels[i], *call, &caches[1], got);
        if (memcmp(expected, got, size) != 0)
            fail(levels[i]->name, "attend", call->format, call->head_width, tokens);
    }
}

static void check_calls(const tm_kernels *const *levels, tm_kv_format format) {
    static const int widths[] = {8, 20, 64, 72, 128}, lengths[] = {1, 31, 64, 97, 600};
    static const float sinks[8] = {0.5f, -1, 2, 0, 30, -30, 1, 1};
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 5; j++) {
            int width = widths[i], heads = 1 + (i + j) % 4, count = 1 + (i + 2 * j) % 6;
            tm_attention call = {
                .blocks = order, .format = format, .head_width = width,
                .value_width = j % 2 ? width : width + 4, .q = queries,
                .q_stride = (size_t)(heads * width), .queries = count, .heads = heads,
                .tokens = lengths[j], .window = (i + j) % 3 == 0 ? 50 : 0, .scale = 0.1f,
                .softcap = (i + j) % 3 == 1 ? 5.0f : 0, .sinks = i == 2 ? sinks : NULL,
            };
            call.block_stride = tm_kv_block_bytes(format, width, call.value_width);
            call.out_stride = (size_t)(heads * call.value_width);
            randomize(queries, count * heads * width);
            check_call(levels, &call);
        }
}

static void check_rope(const tm_kernels *const *levels) {
    for (int width = 2; width <= MOST_WIDTH; width += 2) {
        float x[MOST_WIDTH], cosines[MOST_WIDTH], sines[MOST_WIDTH], out[2][MOST_WIDTH];
        randomize(x, width);
        randomize(cosines, width);
        randomize(sines, width);
        for (int i = 0; levels[i]; i++) {
            float *own = out[i > 0];
            memcpy(own, x, sizeof x);
            levels[i]->attention->rope(own, cosines, sines, width);
            if (memcmp(out[0], own, (size_t)width * sizeof *own) != 0)
                fail(levels[i]->name, "rope", width, 0, 0);
        }
    }
}

void check_attention(const tm_kernels *const *levels) {
    for (int i = 0; i < BLOCKS; i++) order[i] = (i * 7 + 3) % BLOCKS;
    for (tm_kv_format format = TM_KV_F32; format <= TM_KV_INT8; format++)
        check_calls(levels, format);
    check_rope(levels);
}
